/**
 * Decides which requests reach the routes. A page that kills processes is worth attacking from any
 * site that the operator's browser visits, so each way in is closed here, before any route.
 */
import { isIP } from "../../shared/ip-address.ts";
import { hostname } from "node:os";
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import type { CheckPeer } from "../../shared/access.ts";
import { isLoopback } from "../../shared/address.ts";
import { type PasswordOptions, requirePassword } from "./password.ts";
import { peerOf, serverOf } from "./peer.ts";
import { refuse } from "./refuse.tsx";
import { WATCH_ONLY } from "./viewer.tsx";

/** The largest body of most requests is the name of a signal. */
const MAX_BODY_BYTES = 1024;

/** Requests about many children: the IDs of 10,000, even if no two are consecutive. */
const MAX_LIST_BYTES = 256 * 1024;
const LIST_PATHS = /^\/(kill|kills|api\/kills)$/;

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** The page loads nothing from elsewhere, and nothing may frame it. */
const headers = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    connectSrc: ["'self'"],
    imgSrc: ["'self'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
  },
  referrerPolicy: "same-origin",
  crossOriginResourcePolicy: "same-origin",
  xFrameOptions: "DENY",
  strictTransportSecurity: false, // there is no TLS here, and other servers may use the name
});

const shortBody = bodyLimit({ maxSize: MAX_BODY_BYTES });
const listBody = bodyLimit({ maxSize: MAX_LIST_BYTES });
const limitBody: MiddlewareHandler = (c, next) =>
  LIST_PATHS.test(c.req.path) ? listBody(c, next) : shortBody(c, next);

/**
 * Refuses a foreign Host header. In DNS rebinding an attacker's name is made to resolve to
 * this machine: the browser then takes the page for the attacker's own, but still sends
 * that name. The port does not matter: an `ssh -L` tunnel changes it, and an attacker
 * would have to use ours anyway.
 */
function ownHost(host: string): MiddlewareHandler {
  const names = [host, hostname(), "localhost"].map((name) => name.toLowerCase());
  return async (c, next) => {
    const name = hostName(c.req.header("host") ?? "");
    const own = isLoopback(host) ? isLoopback(name) : isIP(name) !== 0 || names.includes(name);
    if (!own) return c.text("This page does not answer to that Host.\n", 403);
    return next();
  };
}

function hostName(header: string): string {
  const name = header.replace(/:\d+$/, "").toLowerCase();
  return name.startsWith("[") && name.endsWith("]") ? name.slice(1, -1) : name;
}

/**
 * Refuses requests that another site makes the browser send, except for a link that the user
 * follows. Browsers say where a request comes from (Fetch Metadata, or Origin before it);
 * programs do not, and have no operator to trick. Another port of this machine is
 * `same-site` and refused, too. Even reads are refused: a hundred streams opened by another
 * site would leave none for the page.
 */
const sameSite: MiddlewareHandler = async (c, next) => {
  const site = c.req.header("sec-fetch-site");
  const origin = c.req.header("origin");
  const isSafe = SAFE_METHODS.has(c.req.method);
  const own =
    site !== undefined
      ? site === "same-origin" || site === "none" || (isSafe && isNavigation(c))
      : isSafe || origin === undefined || origin === `http://${c.req.header("host")}`;
  if (!own) return c.text("Requests from other sites are refused.\n", 403);
  return next();
};

/** Whether the response is shown as a page of its own, not as part of another. */
function isNavigation(c: Context): boolean {
  return (
    c.req.header("sec-fetch-mode") === "navigate" && c.req.header("sec-fetch-dest") === "document"
  );
}

/**
 * Refuses requests from this server's children, which come from loopback, too, but may be
 * controlled by their clients; and from users whom the page is not for.
 */
function refusePeers(checkPeer: CheckPeer): MiddlewareHandler {
  return async (c, next) => {
    const refusal = checkPeer(peerOf(c), serverOf(c).port ?? 0);
    return refusal === null ? next() : refuse(c, 403, refusal);
  };
}

const watchOnly: MiddlewareHandler = (c, next) => {
  c.set(WATCH_ONLY, true);
  return next();
};

/** Refuses viewers who may only watch. */
export const onlyOperators: MiddlewareHandler = async (c, next) => {
  if (c.get(WATCH_ONLY) === true) return refuse(c, 403, "watchOnly");
  return next();
};

/** Whatever a route does, viewers who may only watch change nothing through it. */
const operatorsMayChange: MiddlewareHandler = (c, next) =>
  SAFE_METHODS.has(c.req.method) ? next() : onlyOperators(c, next);

export interface GuardOptions extends PasswordOptions {
  /** The address that the page listens on. */
  host: string;
  /** Null if peers cannot be told from each other, or need not be. */
  checkPeer: CheckPeer | null;
}

/** Returns the whole guard, in order. */
export function guard({ host, checkPeer, ...password }: GuardOptions): MiddlewareHandler[] {
  const { access } = password;
  const isOpen = access.operate === null && access.watch === null;
  return [
    headers,
    ...(checkPeer === null ? [] : [refusePeers(checkPeer)]),
    ownHost(host),
    sameSite,
    ...(isOpen ? [] : [requirePassword(password)]),
    ...(access.readonly ? [watchOnly] : []),
    operatorsMayChange,
    limitBody,
  ];
}
