/** Finds the password that a server of the same user, on this machine, has generated. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isLoopback } from "../../../shared/address.ts";
import { errorCode } from "../../../shared/error-code.ts";
import { pageFileName, stateDirectory } from "../../../shared/state-directory.ts";

/** Returns the password of the page at `base`; "" if no server of this user has left one. */
export function findPassword(
  base: URL,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  if (!isLoopback(base.hostname.replace(/^\[|\]$/g, ""))) return "";
  const uid = process.getuid?.() ?? 0;
  const directory = stateDirectory(environment.BROOD_STATE || null, environment, uid);
  const path = join(directory, pageFileName(Number(base.port || 80)));
  try {
    // The directory may be in /tmp, where another user could have created it.
    if (statSync(path).uid !== uid) return "";
    return URL.parse(readFileSync(path, "utf8").trim())?.searchParams.get("token") ?? "";
  } catch (error) {
    if (["ENOENT", "EACCES", "ENOTDIR"].includes(errorCode(error) ?? "")) return "";
    throw error;
  }
}
