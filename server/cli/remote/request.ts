/** The API of a running server, over HTTP. */
import { isLoopback } from "../../../shared/address.ts";
import { errorCode } from "../../../shared/error-code.ts";
import { escapeAgain } from "../../../shared/escape.ts";
import { UsageError } from "../../options/usage-error.ts";
import { findPassword } from "./find-password.ts";

/** The slowest request is a kill that waits for its outcome, with KILL sent after 5 s. */
const REQUEST_TIMEOUT_MS = 20_000;

/** Of an error's text, only the first line is shown, and no more of it than this. */
const MAX_ERROR_CHARS = 200;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Nothing responds at the server's address. */
export class UnreachableError extends Error {}

export interface Reply {
  status: number;
  /** Null if it is not JSON. */
  json: unknown;
  text: string;
  /** Its type is plain text. */
  isPlain: boolean;
}

export interface Remote {
  /**
   * Returns the reply, whatever its status. @throws {UnreachableError}, and if
   * access is denied (401, 403).
   */
  request(method: "GET" | "POST" | "DELETE", path: string, query?: Query): Promise<Reply>;
  /**
   * Returns the JSON of a reply. @throws as `request`, and unless the status is 200
   * and `isExpected` is true.
   */
  get<T>(path: string, query: Query, isExpected: (json: unknown) => json is T): Promise<T>;
  /** Returns an error that says what is wrong with a reply. */
  errorFor(reply: Reply): Error;
}

/** What is undefined or false is left out; true is 1. */
export type Query = Readonly<Record<string, string | boolean | undefined>>;

/**
 * Returns the server that a command is about.
 *
 * @throws {UsageError} on a bad URL or user name.
 */
export function openRemote(
  flags: { url?: string | undefined; user?: string | undefined },
  environment: Environment,
  { timeoutMs = REQUEST_TIMEOUT_MS, signal }: { timeoutMs?: number; signal?: AbortSignal } = {},
): Remote {
  const base = parseUrl(flags.url ?? (environment.BROOD_URL || "http://127.0.0.1:65080"));
  const password =
    environment.BROOD_DASHBOARD_PASSWORD ||
    environment.BROOD_DASHBOARD_WATCH_PASSWORD ||
    findPassword(base, environment);
  const user = flags.user ?? environment.USER ?? environment.LOGNAME ?? "operator";
  const headers = {
    Accept: "application/json, text/plain",
    ...(password === "" ? {} : { Authorization: basicAuthorization(user, password) }),
  };

  async function request(method: string, path: string, query: Query = {}): Promise<Reply> {
    const { status, type, text } = await fetchText(base, urlOf(base, path, query), {
      method,
      headers,
      redirect: "manual", // a redirect must not receive the password
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]),
    });
    if (status === 401) {
      throw new Error(
        password === ""
          ? `${base} requires a password: set BROOD_DASHBOARD_PASSWORD.`
          : `${base} rejects this password (BROOD_DASHBOARD_PASSWORD).`,
      );
    }
    const json = type === "application/json" ? parseJson(text) : null;
    const reply = { status, text, json, isPlain: type === "text/plain" };
    if (status === 403) throw errorFor(base, reply);
    return reply;
  }

  return {
    request,
    errorFor: (reply) => errorFor(base, reply),
    async get(path, query, isExpected) {
      const reply = await request("GET", path, query);
      if (reply.status !== 200 || !isExpected(reply.json)) throw errorFor(base, reply);
      return reply.json;
    },
  };
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `--url: ${JSON.stringify(text)} is not a URL such as http://127.0.0.1:65080.`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new UsageError(
      "--url: put the password in BROOD_DASHBOARD_PASSWORD and the name in --user, as others can read a command line.",
    );
  }
  const path = url.pathname.endsWith("/") ? url.pathname : `${url.pathname}/`;
  // A proxy from the environment cannot reach this machine's loopback.
  if (isLoopback(url.hostname)) process.env.NO_PROXY = url.hostname;
  return new URL(path, url);
}

function basicAuthorization(user: string, password: string): string {
  if (user.includes(":")) throw new UsageError("--user: a name cannot contain a colon.");
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function urlOf(base: URL, path: string, query: Query): URL {
  const url = new URL(path, base);
  for (const [name, value] of Object.entries(query)) {
    if (value === true) url.searchParams.set(name, "1");
    else if (typeof value === "string") url.searchParams.set(name, value);
  }
  return url;
}

function errorFor(base: URL, { status, json, text }: Reply): Error {
  const message = isObject(json) && typeof json.error === "string" ? json.error : text;
  const [line = ""] = message.trim().slice(0, MAX_ERROR_CHARS).split("\n");
  if (status === 403) return new Error(`${base}: permission denied: ${escapeAgain(line)}`);
  if (status === 404 || status < 400) {
    return new Error(
      `${base} is not a brood server's page, or of too old a version (it answered ${status}).`,
    );
  }
  return new Error(`${base} answered ${status}: ${escapeAgain(line)}`);
}

async function fetchText(base: URL, url: URL, init: RequestInit) {
  try {
    const response = await fetch(url, init);
    const [type = ""] = (response.headers.get("Content-Type") ?? "").split(/[;\s]/);
    return { status: response.status, type, text: await response.text() };
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new UnreachableError(
      `${base}: ${describeFailure(cause)}. Is the server running, with its page at this address?`,
      { cause },
    );
  }
}

/** Bun's own message for a refused connection is long, and asks about the computer. */
function describeFailure(error: Error): string {
  if (error.name === "TimeoutError") return "no answer in time";
  switch (errorCode(error)) {
    case "ECONNREFUSED":
      return "connection refused";
    case "ECONNRESET":
      return "connection reset";
    case "ENOTFOUND":
      return "no such host";
    default:
      return escapeAgain(error.message.replace(/\.$/, ""));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

export function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
