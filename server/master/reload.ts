/** New options for a master that runs. */
import type { Config } from "../options/config.ts";
import { UsageError } from "../options/usage-error.ts";
import { changedSettings } from "../options/limits.ts";
import type { Log } from "./log.ts";
import type { ServerMaster } from "./master.ts";
import type { Options } from "../options/options.ts";

/** What is wrong with the new options leaves the old ones in force. */
export function reload(master: ServerMaster, log: Log, before: Options, read: () => Config): void {
  try {
    const { options } = read();
    master.setLimits(options);
    const fixed = changedSettings(before, options);
    if (fixed.length > 0) {
      const names = fixed.map((name) => `--${name}`).join(", ");
      log.write({
        event: "warning",
        message: `${names}: changed, for the next start of the server`,
      });
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    log.write({ event: "warning", message: `options not read again: ${error.message}` });
  }
}
