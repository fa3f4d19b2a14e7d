/** The page over HTTP, as a program or a browser would ask for it. */
import type { Server } from "../harness/server.ts";

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

interface Wish {
  method?: string;
  headers?: Record<string, string>;
  body?: BodyInit;
}

/** Asks for `path`; a connection of its own for each, so that no server inherits another's. */
export async function request(server: Server, path: string, wish: Wish = {}): Promise<Answer> {
  const url = urlOf(server, path);
  const response = await fetch(url, { ...wish, redirect: "manual", keepalive: false });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Where `path` of the server's page is; a page on all addresses is asked for on loopback. */
export function urlOf(server: Pick<Server, "url">, path: string): URL {
  return new URL(path, server.url.replace("//0.0.0.0:", "//127.0.0.1:"));
}

/** Sends a form as a page without script does. */
export async function post(
  server: Server,
  path: string,
  fields: { [name: string]: string },
  headers: Record<string, string> = {},
): Promise<Answer> {
  return request(server, path, { method: "POST", headers, body: new URLSearchParams(fields) });
}
