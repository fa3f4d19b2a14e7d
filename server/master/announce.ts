/** Tells people at startup how to connect as a client, and where the page is. */
import { reachableHost } from "../../shared/address.ts";
import type { LogFormat } from "../options/options.ts";
import type { LinePrinter } from "./console.ts";

/** `pageUrl` is null with `--dashboard off`. */
export function announce(
  { stdout, stderr }: { stdout: LinePrinter; stderr: LinePrinter },
  format: LogFormat,
  host: string,
  port: number,
  pageUrl: string | null,
): void {
  if (format === "json") return;
  // With --log tutorial, stdout has only what the tutorial's server prints.
  const { print } = format === "tutorial" ? stderr : stdout;
  print("brood: one process per client\n");
  print(`  telnet ${reachableHost(host)} ${port}`);
  print(pageUrl === null ? "  no page (--dashboard off)\n" : `  ${pageUrl}\n`);
}
