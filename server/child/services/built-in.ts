import { echoService } from "./echo.ts";
import { overTelnet } from "./over-telnet.ts";
import type { Service } from "./service.ts";
import { timeService } from "./time.ts";
import type { RequestReport } from "../../../shared/log.ts";
import type { BuiltIn } from "../../channel/task.ts";

/** Begins the service of this name for one client; `localTime` tells the time where it is asked. */
export function createService(
  name: BuiltIn,
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
