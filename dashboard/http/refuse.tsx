/** @jsxImportSource hono/jsx */
/**
 * Refuses a request: JSON for the API, a page for a browser, and a line of text for anything else.
 */
import type { Context } from "hono";
import { en, type Texts } from "../texts/en.ts";
import { isHtmx } from "./respond.tsx";
import { render, viewerOf } from "./viewer.tsx";
import { Refusal } from "../views/refusal.tsx";

export type RefusalReason = keyof Texts["refusals"];

/** True for a page that a browser opens; false for most programs, and for what scripts fetch. */
export function acceptsHtml(c: Context): boolean {
  return (c.req.header("Accept") ?? "").includes("text/html");
}

/** Programs are answered in English. */
export function refuse(
  c: Context,
  status: 401 | 403 | 429,
  reason: RefusalReason,
): Response | Promise<Response> {
  const { line } = en.refusals[reason];
  c.header("Vary", "Accept, Accept-Language, HX-Request");
  if (c.req.path.startsWith("/api/")) return c.json({ error: line }, status);
  if (!acceptsHtml(c)) return c.text(`${line}.\n`, status);
  c.status(status);
  const viewer = viewerOf(c);
  if (isHtmx(c)) return c.html(render(viewer, viewer.texts.refusals[reason].line));
  return c.render(<Refusal reason={reason} />, { title: viewer.texts.refusals[reason].title });
}
