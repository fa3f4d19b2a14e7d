/** The API of a running server, over HTTP. */
import { errorCode } from "../../../shared/error-code.ts";
import { isLoopback } from "../../../shared/address.ts";
import { escapeAgain } from "../../../shared/escape.ts";
import { UsageError } from "../../options/usage-error.ts";

/** How long a server has to answer (ms): the longest is a kill that is waited for, with KILL after 5 s. */
const PATIENCE = 20_000;

/** Bytes of an answer that says what is wrong of which the first line is shown. */
const MOST_SAID = 200;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Nobody answers there, or no longer. */
export class Unreachable extends Error {}

export interface Answer {
  status: number;
  /** Null where it is no JSON. */
  json: unknown;
  text: string;
  /** It is told to be plain text. */
  isPlain: boolean;
}

export interface Remote {
  /** Gives any answer but one that says that we may not ask. @throws {Unreachable} */
  request(method: "GET" | "POST" | "DELETE", path: string, query?: Query): Promise<Answer>;
  /** Gives what the server says as JSON. @throws if it is none, or `is` says that it is not what was asked for. */
  get<T>(path: string, query: Query, is: (json: unknown) => json is T): Promise<T>;
  /** The error that says what an answer has against what was asked for. */
  objection(answer: Answer): Error;
}

/** What is undefined or false is left out; true is 1. */
export type Query = Readonly<Record<string, string | boolean | undefined>>;

/**
 * The server that a command is about.
 *
 * @throws {UsageError} if the address is none.
 */
export function openRemote(
  given: { url?: string | undefined; user?: string | undefined },
  environment: Environment,
  { patience = PATIENCE, signal }: { patience?: number; signal?: AbortSignal } = {},
): Remote {
  const base = parseUrl(given.url ?? (environment.BROOD_URL || "http://127.0.0.1:65080"));
  const password =
    environment.BROOD_DASHBOARD_PASSWORD || environment.BROOD_DASHBOARD_WATCH_PASSWORD || "";
  const headers: Record<string, string> = { Accept: "application/json, text/plain" };
  if (password !== "") {
    const user = given.user ?? environment.USER ?? environment.LOGNAME ?? "operator";
    if (user.includes(":")) throw new UsageError("--user: a name has no colon.");
    headers.Authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  }

  async function ask(method: string, path: string, query: Query = {}): Promise<Answer> {
    const url = new URL(path, base);
    for (const [name, value] of Object.entries(query)) {
      if (value === true) url.searchParams.set(name, "1");
      else if (typeof value === "string") url.searchParams.set(name, value);
    }
    const { status, type, text } = await read(base, url, {
      method,
      headers,
      redirect: "manual", // a password must not follow to where an answer points
      signal: AbortSignal.any([AbortSignal.timeout(patience), ...(signal ? [signal] : [])]),
    });
    if (status === 401) {
      throw new Error(
        password === ""
          ? `${base} asks for a password: set BROOD_DASHBOARD_PASSWORD.`
          : `${base} does not take this password (BROOD_DASHBOARD_PASSWORD).`,
      );
    }
    const json = type === "application/json" ? parseJson(text) : null;
    const answer = { status, text, json, isPlain: type === "text/plain" };
    if (status === 403) throw objection(answer);
    return answer;
  }

  function objection({ status, json, text }: Answer): Error {
    const said = isObject(json) && typeof json.error === "string" ? json.error : text;
    const [line = ""] = said.trim().slice(0, MOST_SAID).split("\n");
    if (status === 403) return new Error(`${base} refuses: ${escapeAgain(line)}`);
    if (status === 404 || status < 400) {
      return new Error(
        `${base} is not the page of a brood, or of an older one (it answered ${status}).`,
      );
    }
    return new Error(`${base} answered ${status}: ${escapeAgain(line)}`);
  }

  return {
    request: ask,
    objection,
    async get(path, query, is) {
      const answer = await ask("GET", path, query);
      if (answer.status !== 200 || !is(answer.json)) throw objection(answer);
      return answer.json;
    },
  };
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `--url: ${JSON.stringify(text)} is not an address such as http://127.0.0.1:65080.`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new UsageError(
      "--url: the password is taken from BROOD_DASHBOARD_PASSWORD, the name from --user: others can read a command line.",
    );
  }
  const path = url.pathname.endsWith("/") ? url.pathname : `${url.pathname}/`;
  // A proxy of the environment's leads elsewhere than to this machine.
  if (isLoopback(url.hostname)) process.env.NO_PROXY = url.hostname;
  return new URL(path, url);
}

async function read(base: URL, url: URL, init: RequestInit) {
  try {
    const response = await fetch(url, init);
    const [type = ""] = (response.headers.get("Content-Type") ?? "").split(/[;\s]/);
    return { status: response.status, type, text: await response.text() };
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new Unreachable(`${base}: ${why(cause)}. Is the server running, with its page there?`, {
      cause,
    });
  }
}

/** Bun's own words for a refused connection are long, and ask about the computer. */
function why(error: Error): string {
  if (error.name === "TimeoutError") return "no answer in time";
  switch (errorCode(error)) {
    case "ECONNREFUSED":
      return "connection refused";
    case "ECONNRESET":
      return "the connection broke off";
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
