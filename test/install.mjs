/**
 * Installs missing programs with apt-get. It is plain Node, since it runs before anything else.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Installs the `needed` programs that are missing. If some still are, prints one line that names them
 * and exits with status 1. Each has its Debian package; where other programs share its name, or it
 * comes in parts, `shows` lists what it must print when called with `ask` (`-h` by default). `daemon` is the name of the
 * service that comes with the package: it is not started, now or when the machine boots.
 */
export function install(caller, needed) {
  const missing = needed.filter(isMissing);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((one) => one.package))];
  console.log(`${caller}: installing ${packages.join(", ")}`);
  const daemons = [...new Set(missing.flatMap(({ daemon = [] }) => daemon))];
  const errors =
    runAsRoot(...APT_GET, "update") +
    runAsRoot("sh", "-c", WITHOUT_DAEMONS, "sh", ...APT_GET, "install", "--yes", ...packages) +
    daemons.map((name) => runAsRoot("update-rc.d", name, "disable")).join("");
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

const APT_GET = [
  "env",
  "DEBIAN_FRONTEND=noninteractive",
  "apt-get",
  "-qq",
  "--no-install-recommends",
];

/** Runs a command while no package may start its daemon: https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt */
const WITHOUT_DAEMONS = `
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\\nexit 101\\n' >"$policy" && chmod 755 "$policy" || exit
fi
"$@"`;

/** Runs a command quietly, as root. Returns its error output, or "" if it succeeded. */
function runAsRoot(...command) {
  const isUser = process.getuid?.() !== 0 && find("sudo") !== undefined;
  const [file, ...args] = [...(isUser ? ["sudo"] : []), ...command];
  const run = spawnSync(file, args, { encoding: "utf8", stdio: ["inherit", "pipe", "pipe"] });
  return run.status === 0 ? "" : `${run.stdout ?? ""}${run.stderr ?? run.error}\n`;
}
