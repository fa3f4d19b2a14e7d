/**
 * Requires a password: by Basic authentication or, if the server generated it, through the address
 * that it printed.
 */
import type { Context, MiddlewareHandler } from "hono";
import { auth } from "hono/utils/basic-auth";
import type { Access } from "../../shared/access.ts";
import type { LogEvent } from "../../shared/log.ts";
import { describeOperator, OPERATOR } from "./operator.ts";
import { peerOf, sourceOf } from "./peer.ts";
import { acceptsHtml, refuse } from "./refuse.tsx";
import { isSameText } from "./same-text.ts";
import { createSignInCookies } from "./sign-in-cookies.ts";
import type { SignInLimit } from "./sign-in-limit.ts";
import { WATCH_ONLY } from "./viewer.tsx";

/** Monitoring asks these without a password, and learns only whether the server is up. */
const PROBE_PATHS = /^\/(healthz|readyz)$/;

/** The style of the page that asks for the password, which is the same for every server. */
const STYLE_PATHS = /^\/assets\/(page\.css|icon\.svg)$/;

/** The parameter of the page's address that carries a generated password. */
const TOKEN = "token";

export interface PasswordOptions {
  access: Access;
  limit: SignInLimit;
  log(event: Extract<LogEvent, { event: "wrong password" }>): void;
}

type Rank = "operator" | "watcher";

export function requirePassword({ access, limit, log }: PasswordOptions): MiddlewareHandler {
  const cookies = createSignInCookies();

  function check(password: string): Rank | null {
    const mayOperate = access.operate !== null && isSameText(password, access.operate);
    const mayWatch = access.watch !== null && isSameText(password, access.watch);
    if (mayOperate) return "operator";
    return mayWatch ? "watcher" : null;
  }

  /**
   * Returns the rank that a password gives, or the response that refuses it. A generated password
   * cannot be guessed, so the right one is always accepted: a child that guesses from the
   * operator's address doesn't make the operator wait.
   */
  async function attempt(c: Context, name: string, password: string): Promise<Rank | Response> {
    const source = cookies.deviceOf(c) ?? sourceOf(peerOf(c));
    const onRefused = (why: "wrong" | "too early") => {
      const refused = limit.onRefused(source, why);
      if (refused === null) return;
      const { count, waitMs } = refused;
      log({ event: "wrong password", by: describeOperator(c, name), count, ms: waitMs });
    };
    const rank = check(password);
    const waitMs = limit.waitMs(source);
    if (waitMs > 0 && (rank === null || !access.isGenerated)) {
      onRefused("too early");
      return respondTooEarly(c, waitMs);
    }
    if (rank !== null) return rank;
    onRefused("wrong");
    return respondUnauthorized(c, access);
  }

  /**
   * Takes the token out of the address, so that the browser doesn't show it, store it or pass it
   * on.
   */
  async function redeem(c: Context, token: string): Promise<Response> {
    const rank = await attempt(c, "", token);
    if (rank instanceof Response) return rank;
    cookies.startSession(c);
    cookies.markDevice(c);
    const url = new URL(c.req.url);
    url.searchParams.delete(TOKEN);
    return c.redirect(`${url.pathname}${url.search}`, 303);
  }

  return async (c, next) => {
    if (PROBE_PATHS.test(c.req.path) || STYLE_PATHS.test(c.req.path)) return next();
    if (access.isGenerated) {
      const token = c.req.method === "GET" ? c.req.query(TOKEN) : undefined;
      if (token !== undefined) return redeem(c, token);
      if (cookies.hasSession(c)) return next();
    }
    const credentials = auth(c.req.raw);
    if (credentials === undefined) return respondUnauthorized(c, access);
    const rank = await attempt(c, credentials.username, credentials.password);
    if (rank instanceof Response) return rank;
    c.set(OPERATOR, credentials.username);
    c.set(WATCH_ONLY, rank === "watcher");
    if (rank === "operator" && isBrowser(c) && cookies.deviceOf(c) === null) cookies.markDevice(c);
    return next();
  };
}

function respondUnauthorized(c: Context, { isGenerated }: Access): Response | Promise<Response> {
  // A browser would ask for a name and a password; a generated one is in the
  // address, which the page explains.
  if (!isGenerated || !isBrowser(c)) c.header("WWW-Authenticate", 'Basic realm="brood"');
  return refuse(c, 401, isGenerated ? "addressRequired" : "passwordRequired");
}

function respondTooEarly(c: Context, waitMs: number): Response | Promise<Response> {
  c.header("Retry-After", String(Math.ceil(waitMs / 1000)));
  return refuse(c, 429, "tooManyPasswords");
}

/** Fetch Metadata says so, but over HTTP browsers send it only to addresses of this machine. */
function isBrowser(c: Context): boolean {
  return c.req.header("Sec-Fetch-Site") !== undefined || acceptsHtml(c);
}
