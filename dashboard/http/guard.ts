/**
 * Who may talk to the page. A page that kills processes is worth attacking from any site that the
 * operator's browser visits, so each way in is closed here, before any route.
 */
import { isIP } from "node:net";
import { hostname } from "node:os";
import type { Context, MiddlewareHandler } from "hono";
import { basicAuth } from "hono/basic-auth";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import type { Access } from "../../shared/access.ts";
import { isLoopback } from "../../shared/address.ts";
import { OPERATOR } from "./operator.ts";
import { WATCH_ONLY } from "./viewer.tsx";

/** Bytes of a body: the largest that any request of ours has is a signal's name. */
const MAX_BODY = 1024;

/** The same where many children are meant: the ids of 10,000, if no two are next to each other. */
const MAX_LIST = 256 * 1024;
const LISTS = /^\/(kill|kills|api\/kills)$/;

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Everything the page loads is its own, and nothing may frame it. */
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
  strictTransportSecurity: false, // there is no TLS here, and the name may serve others
});

/** All of the guard, in order. `host` is the address that the page listens on. */
export function guard(host: string, access: Access): MiddlewareHandler[] {
  const isOpen = access.operate === null && access.watch === null;
  const asking = isOpen ? [] : [ask(access)];
  const watching = access.readonly ? [watchOnly] : [];
  return [headers, ownHost(host), sameSite, ...asking, ...watching, changeNothing, body];
}

const short = bodyLimit({ maxSize: MAX_BODY });
const long = bodyLimit({ maxSize: MAX_LIST });
const body: MiddlewareHandler = (c, next) =>
  LISTS.test(c.req.path) ? long(c, next) : short(c, next);

/**
 * Refuses a foreign Host header. In DNS rebinding an attacker's name is made to resolve to this
 * machine: the browser then takes the page for the attacker's own, but still sends that name. The
 * port is free: an `ssh -L` tunnel changes it, and an attacker would have to use ours anyway.
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
 * Refuses what another site makes the browser send, but for a link that somebody follows. Browsers say where
 * a request comes from (Fetch Metadata, or Origin before it); programs say nothing, and have no operator to
 * trick. Another port of this machine is `same-site` and refused too. To read changes nothing, but costs: a
 * hundred streams that another site has opened would leave none for the page.
 */
const sameSite: MiddlewareHandler = async (c, next) => {
  const site = c.req.header("sec-fetch-site");
  const origin = c.req.header("origin");
  const isSafe = SAFE_METHODS.has(c.req.method);
  const own =
    site !== undefined
      ? site === "same-origin" || site === "none" || (isSafe && isFollowed(c))
      : isSafe || origin === undefined || origin === `http://${c.req.header("host")}`;
  if (!own) return c.text("Requests from other sites are refused.\n", 403);
  return next();
};

/** A page that is shown as such, not as part of another. */
function isFollowed(c: Context): boolean {
  return (
    c.req.header("sec-fetch-mode") === "navigate" && c.req.header("sec-fetch-dest") === "document"
  );
}

function ask({ operate, watch }: Access): MiddlewareHandler {
  const auth = basicAuth({
    verifyUser: (name, given, c) => {
      const mayOperate = operate !== null && sameText(given, operate);
      const mayWatch = watch !== null && sameText(given, watch);
      c.set(OPERATOR, name);
      c.set(WATCH_ONLY, !mayOperate);
      return mayOperate || mayWatch;
    },
    realm: "brood",
  });
  // Probes carry no password, and learn nothing but that the server lives.
  return (c, next) => (/^\/(healthz|readyz)$/.test(c.req.path) ? next() : auth(c, next));
}

const watchOnly: MiddlewareHandler = (c, next) => {
  c.set(WATCH_ONLY, true);
  return next();
};

/** Refuses those who may only look. */
export const onlyOperators: MiddlewareHandler = async (c, next) => {
  if (c.get(WATCH_ONLY) === true)
    return c.text("You may look, but not act: this is read-only.\n", 403);
  return next();
};

/** Whatever a route does, those who may only look change nothing with it. */
const changeNothing: MiddlewareHandler = (c, next) =>
  SAFE_METHODS.has(c.req.method) ? next() : onlyOperators(c, next);

/** Compares in a time that tells nothing of where the texts differ. */
function sameText(given: string, wanted: string): boolean {
  const digest = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest();
  return crypto.timingSafeEqual(digest(given), digest(wanted));
}
