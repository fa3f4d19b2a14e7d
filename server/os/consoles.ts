/**
 * The terminals of this machine that are not pseudoterminals, on which its
 * operator may be signed in.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const DEVICES = "/dev";

/** Virtual consoles (console(4)). Their owner changes when somebody signs in (login(1)). */
const VIRTUAL = /^(console|tty\d+)$/;

/**
 * Serial and paravirtual lines: consoles if somebody is signed in there,
 * otherwise modems and the like.
 */
const LINE = /^(tty[A-Za-z]+|hvc|xvc)\d+$/;

/** Returns the virtual consoles, and each line that belongs to the user of this process. */
export function consoles(): string[] {
  const uid = process.geteuid?.();
  return readdirSync(DEVICES).flatMap((name) => {
    const path = join(DEVICES, name);
    const isOne =
      VIRTUAL.test(name) ||
      (LINE.test(name) && statSync(path, { throwIfNoEntry: false })?.uid === uid);
    return isOne ? [path] : [];
  });
}
