/**
 * The page's two cookies. Browsers send them to every port of a host, so their names contain the page's port, and
 * neither contains a password:
 *
 *     brood-session-PORT  stands for the generated password, in place of the token in the page's address
 *     brood-device-PORT   grants nothing. It marks a browser that an operator has signed in from,
 *                         whose wrong passwords are counted separately: someone who guesses from
 *                         the same address cannot lock the operator out.
 */
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { serverOf } from "./peer.ts";
import { isSameText } from "./same-text.ts";

export interface SignInCookies {
  /** Signs the browser in as an operator until it closes, or the server ends. */
  startSession(c: Context): void;
  hasSession(c: Context): boolean;
  /** Returns the ID of a browser that an operator has signed in from; null for any other. */
  deviceOf(c: Context): string | null;
  /** Marks the browser as one that an operator has signed in from. */
  markDevice(c: Context): void;
}

/**
 * Session cookies, which no script can read. From other sites, browsers send them only with links
 * (Lax), as they do with a password; the guard refuses any other request from there.
 */
const ATTRIBUTES = { path: "/", httpOnly: true, sameSite: "Lax" } as const;

/** Everything is signed with a key that this server makes and never shows. */
export function createSignInCookies(): SignInCookies {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const sign = (text: string) =>
    new Bun.CryptoHasher("sha256", key).update(text).digest("base64url");
  const session = sign("session");

  return {
    startSession: (c) => setCookie(c, nameOf(c, "session"), session, ATTRIBUTES),
    hasSession: (c) => isSameText(getCookie(c, nameOf(c, "session")) ?? "", session),
    deviceOf(c) {
      const [id = "", signature = ""] = (getCookie(c, nameOf(c, "device")) ?? "").split(".");
      return isSameText(signature, sign(`device ${id}`)) ? id : null;
    },
    markDevice(c) {
      const id = crypto.randomUUID();
      setCookie(c, nameOf(c, "device"), `${id}.${sign(`device ${id}`)}`, ATTRIBUTES);
    },
  };
}

function nameOf(c: Context, kind: "session" | "device"): string {
  return `brood-${kind}-${serverOf(c).port ?? 0}`;
}
