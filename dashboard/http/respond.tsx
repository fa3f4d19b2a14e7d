/** @jsxImportSource hono/jsx */
/**
 * Responses to the page's forms: a question or a sentence. A whole page, or
 * for htmx only its content.
 */
import type { Context } from "hono";
import type { Child as Content } from "hono/jsx";
import { viewerOf, render } from "./viewer.tsx";
import { Header } from "../views/header.tsx";
import { Outcome } from "../kill/views/kill.tsx";

export type Status = 200 | 202 | 400 | 404 | 409 | 410 | 429 | 503;

/**
 * The fields of a form; a list for a field that is there more than once.
 * Empty if the body is no form.
 */
export async function formFields(c: Context): Promise<Record<string, unknown>> {
  try {
    return await c.req.parseBody({ all: true });
  } catch (error) {
    if (error instanceof TypeError) return {};
    throw error;
  }
}

/**
 * Responds with one sentence. As a page of its own it has a link back, and one to the child with
 * the ID `child`. Status 202 is shown as success, any other as an error.
 */
export function respond(c: Context, status: Status, text: string, child?: string) {
  const outcome = <Outcome text={text} good={status === 202} />;
  return respondPage(
    c,
    status,
    text,
    isHtmx(c) ? (
      outcome
    ) : (
      <div class="confirm">
        {outcome}
        <p class="buttons">
          <a class="button" href="/">
            {viewerOf(c).texts.kill.back}
          </a>
          {child !== undefined && (
            <a class="button" href={`/children/${child}`}>
              {viewerOf(c).texts.kill.child}
            </a>
          )}
        </p>
      </div>
    ),
  );
}

export function respondBadSignal(c: Context) {
  const { badSignal, nothingSent } = viewerOf(c).texts.kill;
  return respond(c, 400, nothingSent(badSignal));
}

/**
 * Responds with a page that has this title and only this content; for htmx, with the content alone.
 */
export function respondPage(c: Context, status: Status, title: string, content: Content) {
  c.status(status);
  c.header("Vary", "HX-Request, Accept-Language");
  if (isHtmx(c)) return c.html(render(viewerOf(c), content));
  return c.render(
    <>
      <Header />
      <main class="standalone">{content}</main>
    </>,
    { title, live: true },
  );
}

export function isHtmx(c: Context): boolean {
  return c.req.header("HX-Request") === "true";
}
