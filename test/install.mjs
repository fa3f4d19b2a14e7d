/**
 * Installs missing programs with apt-get. It is plain Node, since it runs before anything else.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Installs the `needed` programs that are missing. If some still are, prints one line that names them
 * and exits with status 1. Each has its Debian package; where other programs share its name, or it
 * comes in parts, `shows` lists what it must print when called with `ask` (`-h` by default).
 */
export function install(caller, needed) {
  const missing = needed.filter(isMissing);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((one) => one.package))];
  console.log(`${caller}: installing ${packages.join(", ")}`);
  const errors = aptGet("update") + aptGet("install", "--yes", ...packages);
  const still = missing.filter(isMissing);
  if (still.length === 0) return;
  const names = still.map((one) => `${one.program} (Debian package ${one.package})`);
  console.error(`${errors}${caller}: needs ${names.join(", ")}. Install and retry.`);
  process.exit(1);
}

function isMissing({ program, ask = "-h", shows = [] }) {
  const path = find(program);
  if (path === undefined) return true;
  if (shows.length === 0) return false;
  const { stdout, stderr } = spawnSync(path, [ask], { encoding: "utf8" });
  return !shows.every((text) => `${stdout}${stderr}`.includes(text));
}

/** Daemons are in a directory that is not in a user's PATH. */
const SBIN = "/usr/sbin";

function find(program) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), SBIN];
  const paths = folders.map((folder) => join(folder, program));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs apt-get quietly, as root. Returns its error output, or "" if it succeeded. */
function aptGet(command, ...args) {
  const asRoot = process.getuid?.() !== 0 && find("sudo") !== undefined ? ["sudo"] : [];
  const settings = ["env", "DEBIAN_FRONTEND=noninteractive"];
  const options = ["-qq", "--no-install-recommends"];
  const [file, ...rest] = [...asRoot, ...settings, "apt-get", command, ...options, ...args];
  const run = spawnSync(file, rest, { encoding: "utf8", stdio: ["inherit", "pipe", "pipe"] });
  return run.status === 0 ? "" : `${run.stdout ?? ""}${run.stderr ?? run.error}\n`;
}
