/** What a child can speak to its client. The child knows no more of a protocol than this. */
import type { RequestReport } from "../../shared/messages.ts";
import { echoService } from "./echo.ts";
import { overTelnet } from "./over-telnet.ts";
import { timeService } from "./time.ts";

export interface Service {
  /** Takes bytes as they came, in any split; gives the reply to them, which may be empty. */
  receive(bytes: Buffer): Buffer;
  /** Nothing came for a while: what may have been unfinished is whole. */
  quiet(): void;
  /** Nothing will come any more; gives what is still to be replied. */
  end(): Buffer;
  /** True while a silence matters. */
  readonly unfinished: boolean;
  /** `ending`: the client asked for the end and may yet send its line ending. `done`: end it. */
  readonly quitting: "no" | "ending" | "done";
  /** How long (ms) that line ending is worth waiting for. */
  readonly endingWait: number;
}

export const SERVICE_NAMES = ["time", "echo"] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];

/** Begins the service of this name for one client; `localTime` tells the time where it is asked. */
export function beginService(
  name: ServiceName,
  onRequest: (request: RequestReport) => void,
  localTime: () => string,
): Service {
  switch (name) {
    case "time":
      return overTelnet(timeService(onRequest, localTime));
    case "echo":
      return echoService;
  }
}
