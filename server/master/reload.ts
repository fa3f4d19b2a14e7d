/** Reads the options again while the master runs. */
import type { Config } from "../options/config.ts";
import { changedSettings } from "../options/limits.ts";
import type { Options } from "../options/options.ts";
import { UsageError } from "../options/usage-error.ts";
import type { Log } from "./log.ts";
import type { ServerMaster } from "./master.ts";

/**
 * Sets the master's new limits, and logs which other options differ from those it was started with.
 * If `read` throws a UsageError, that is only logged: the old limits stay.
 */
export function reload(master: ServerMaster, log: Log, started: Options, read: () => Config): void {
  const warn = (message: string) => log.write({ event: "warning", message });
  try {
    const { options } = read();
    master.setLimits(options);
    const changed = changedSettings(started, options);
    if (changed.length === 0) return;
    const flags = changed.map((name) => `--${name}`).join(", ");
    warn(`${flags}: changed, but only a restart of the server applies that`);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    warn(`options not reloaded, the old ones stay: ${error.message}`);
  }
}
