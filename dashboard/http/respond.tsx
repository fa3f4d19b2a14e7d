/** @jsxImportSource hono/jsx */
/** What a form of ours gets: a question, or a sentence. A page, or for htmx the same without the page around it. */
import type { Context } from "hono";
import type { Child as Content } from "hono/jsx";
import { viewerOf, render } from "./viewer.tsx";
import { Header } from "../views/header.tsx";
import { Outcome } from "../kill/views/kill.tsx";

export type Status = 200 | 202 | 400 | 404 | 409 | 410 | 429 | 503;

/** What the form says, a list of what it says more than once; nothing where the body is no form. */
export async function formFields(c: Context): Promise<Record<string, unknown>> {
  try {
    return await c.req.parseBody({ all: true });
  } catch (error) {
    if (error instanceof TypeError) return {};
    throw error;
  }
}

/** One sentence, with the way back where it is a page of its own, or to the child that it is about. Good news has 202. */
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

/** A page of that name with that alone, or for htmx that alone. */
export function respondPage(c: Context, status: Status, title: string, content: Content) {
  c.status(status);
  c.header("Cache-Control", "no-store");
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
