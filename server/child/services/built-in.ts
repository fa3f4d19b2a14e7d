/** The services that are built in. They are so small that every child's bundle has both. */
import type { RequestReport } from "../../../shared/log.ts";
import type { BuiltIn } from "../../channel/task.ts";
import type { ByteService } from "./byte-service.ts";
import { echoService } from "./echo.ts";
import { overTelnet } from "./over-telnet.ts";
import { timeService } from "./time.ts";

/**
 * Starts this service for one client. `onRequest` takes each request;
 * `localTime` returns the local time.
 */
export function startBuiltIn(
  name: BuiltIn,
  onRequest: (request: RequestReport) => void,
  localTime: () => string,
): ByteService {
  switch (name) {
    case "time":
      return overTelnet(timeService(onRequest, localTime));
    case "echo":
      return echoService;
  }
}
