/**
 * Makes sure that the machine has the programs that the tests drive, and installs what is missing
 * with apt-get. Plain Node: it runs before anything else.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Program and its Debian package; `option`: what its `-h` must offer, where others share its name. */
const NEEDED = [
  { program: "telnet", package: "telnet" },
  { program: "nc", package: "netcat-openbsd", option: "-N" },
  { program: "ps", package: "procps" },
  { program: "pstree", package: "psmisc" },
  { program: "setpriv", package: "util-linux" },
  { program: "prlimit", package: "util-linux" },
  { program: "unshare", package: "util-linux" },
  { program: "chromium", package: "chromium" },
];

const missing = NEEDED.filter(isMissing);
if (missing.length > 0) {
  const packages = [...new Set(missing.map((needed) => needed.package))];
  console.log(`test/setup: installing ${packages.join(", ")}`);
  const complaints = aptGet("update") + aptGet("install", "--yes", ...packages);
  const still = missing.filter(isMissing);
  if (still.length > 0) {
    const names = still.map((needed) => `${needed.program} (Debian package ${needed.package})`);
    console.error(
      `${complaints}test/setup: the tests need ${names.join(", ")}. Install and retry.`,
    );
    process.exit(1);
  }
}

function isMissing({ program, option }) {
  const path = find(program);
  if (path === undefined) return true;
  if (option === undefined) return false;
  const { stdout, stderr } = spawnSync(path, ["-h"], { encoding: "utf8" });
  return !`${stdout}${stderr}`.includes(option);
}

function find(program) {
  const paths = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, program));
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
