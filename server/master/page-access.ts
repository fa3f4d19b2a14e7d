/**
 * Keeps children away from the operators' page: it refuses them where it can recognize them by
 * their user, and otherwise requires a password if they can connect to it. That password works only
 * for the master's user and root: a child of that user cannot read the file that it is in, but can
 * open it to other users.
 */
import type { Access, CheckPeer } from "../../shared/access.ts";
import { asError } from "../../shared/as-error.ts";
import type { PageSockets } from "../../shared/page-sockets.ts";
import { stateDirectory } from "../../shared/state-directory.ts";
import type { Options } from "../options/options.ts";
import { openPageSockets } from "../os/page-sockets.ts";
import { openSocketOwners, type SocketOwners } from "../os/socket-owner.ts";
import { writePageFile } from "./page-file.ts";
import { createCheckPeer } from "./page-peers.ts";

/** What children could do to the page. */
export interface ChildrenAndPage {
  /** Returns true if children run as this user; null if their user is the master's. */
  isChildUid: ((uid: number) => boolean) | null;
  /** Nothing keeps children from connecting to the page. */
  childrenMayReachPage: boolean;
}

/** To be disposed of when the page is closed. */
export interface PageAccess extends Disposable {
  access: Access;
  /** Null if peers cannot be told from each other, or need not be. */
  checkPeer: CheckPeer | null;
  /** Null where the page's connections cannot be listed. */
  sockets: PageSockets | null;
  /**
   * Returns the page's address for people to open, with the password if it was generated; then also
   * leaves it for commands of the same user.
   */
  publish(url: string): string;
  /** What could not be done, for the log. */
  problems(): readonly string[];
}

/** Too long to be guessed, however many attempts there are. */
const PASSWORD_BYTES = 24;

/** `host`: where the page listens. */
export function openPageAccess(
  host: string,
  { access, state }: Pick<Options, "access" | "state">,
  { isChildUid, childrenMayReachPage }: ChildrenAndPage,
): PageAccess {
  const problems: string[] = [];
  const report = (problem: string) => void problems.push(problem);
  const sockets = openOrWarn(openPageSockets, "connections to the page are not limited", report);
  const openOwners = (problem: string) => openOrWarn(openSocketOwners, problem, report);
  const ofChildren =
    isChildUid === null ? null : openOwners("the page cannot tell who connects to it");
  const isOpen = access.operate === null && access.watch === null;
  const password =
    isOpen && childrenMayReachPage && ofChildren === null ? generatePassword() : null;
  const isForUser = password !== null && isChildUid === null;
  const owners = isForUser ? openOwners("any user can use the page's password") : ofChildren;
  let deleteFile = () => {};

  return {
    access: password === null ? access : { ...access, operate: password, isGenerated: true },
    checkPeer: owners === null ? null : checkPeerOf(host, owners, isChildUid),
    sockets,
    publish(url) {
      if (password === null) return url;
      const whole = `${url}?token=${password}`;
      try {
        const directory = stateDirectory(state, process.env, process.getuid?.() ?? 0);
        deleteFile = writePageFile(directory, Number(new URL(url).port), whole);
      } catch (error) {
        report(
          `commands such as brood ps will need the page's password: ${asError(error).message}`,
        );
      }
      return whole;
    },
    problems: () => problems,
    [Symbol.dispose]() {
      deleteFile();
      owners?.[Symbol.dispose]();
    },
  };
}

/** `isChildUid` is null if only the master's user and root are admitted. */
function checkPeerOf(
  host: string,
  owners: SocketOwners,
  isChildUid: ChildrenAndPage["isChildUid"],
): CheckPeer {
  if (isChildUid !== null) return createCheckPeer(host, isChildUid, owners, "fromChild");
  const isOther = (uid: number) => uid !== 0 && uid !== process.getuid?.();
  return createCheckPeer(host, isOther, owners, "fromOtherUser");
}

function openOrWarn<T>(
  open: () => T,
  problem: string,
  report: (problem: string) => void,
): T | null {
  try {
    return open();
  } catch (error) {
    report(`${problem}: ${asError(error).message}`);
    return null;
  }
}

function generatePassword(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(PASSWORD_BYTES))).toString("base64url");
}
