/**
 * Installs with apt-get what a machine lacks of a list of programs. Plain Node: it runs before
 * anything else.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Makes sure that the programs are there; ends this process with a line that names those that
 * still are not. `needed`: each program with its Debian package, and as `shows` what it must print
 * when it is called with `ask` (`-h` by default), where others share its name or it comes in parts.
 */
export function install(who, needed) {
  const missing = needed.filter(isMissing);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((one) => one.package))];
  console.log(`${who}: installing ${packages.join(", ")}`);
  const complaints = aptGet("update") + aptGet("install", "--yes", ...packages);
  const still = missing.filter(isMissing);
  if (still.length === 0) return;
  const names = still.map((one) => `${one.program} (Debian package ${one.package})`);
  console.error(`${complaints}${who}: needs ${names.join(", ")}. Install and retry.`);
  process.exit(1);
}

function isMissing({ program, ask = "-h", shows = [] }) {
  const path = find(program);
  if (path === undefined) return true;
  if (shows.length === 0) return false;
  const { stdout, stderr } = spawnSync(path, [ask], { encoding: "utf8" });
  return !shows.every((text) => `${stdout}${stderr}`.includes(text));
}

/** Daemons lie where a user's PATH does not lead. */
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

/** Runs apt-get as root, quietly; gives what it complained about when it failed. */
function aptGet(command, ...args) {
  const asRoot = process.getuid?.() !== 0 && find("sudo") !== undefined ? ["sudo"] : [];
  const settings = ["env", "DEBIAN_FRONTEND=noninteractive"];
  const options = ["-qq", "--no-install-recommends"];
  const [file, ...rest] = [...asRoot, ...settings, "apt-get", command, ...options, ...args];
  const run = spawnSync(file, rest, { encoding: "utf8", stdio: ["inherit", "pipe", "pipe"] });
  return run.status === 0 ? "" : `${run.stdout ?? ""}${run.stderr ?? run.error}\n`;
}
