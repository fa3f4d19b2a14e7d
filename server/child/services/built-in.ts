/** The services that every child can speak: they are so small that all stand in its bundle. */
import type { RequestReport } from "../../channel/messages.ts";
import { echoService } from "./echo.ts";
import { decodeTelnet } from "./over-telnet.ts";
import type { Service } from "./service.ts";
import { timeService } from "./time.ts";

export const BUILT_INS = ["time", "echo"] as const;

export type BuiltIn = (typeof BUILT_INS)[number];

/** Begins the service of this name for one client; `localTime` tells the time where it is asked. */
export function createService(
  name: BuiltIn,
  onRequest: (request: RequestReport) => void,
  localTime: () => string,
): Service {
  switch (name) {
    case "time":
      return decodeTelnet(timeService(onRequest, localTime));
    case "echo":
      return echoService;
  }
}
