/** @jsxImportSource hono/jsx */
/** The page of a child. Requests name the child by its session's ID and nothing else. */
import { Hono } from "hono";
import { viewerOf } from "../http/viewer.tsx";
import { childStream } from "./child-stream.tsx";
import { parseChildView } from "./child-view.ts";
import type { ChildSources } from "./sources.ts";
import { ChildPage, NoChild } from "./views/child.tsx";

/** Mounted at /children. */
export function childPages(sources: ChildSources): Hono {
  const { snapshots, usageHistory, history } = sources;
  const app = new Hono();

  app.get("/:id", async (c) => {
    const snapshot = await snapshots.take(c.req.param("id"));
    const { child: words } = viewerOf(c).texts;
    if (snapshot === null || snapshot instanceof Error) {
      const why =
        snapshot === null ? words.goneWhy(history.retention) : words.noAnswer(snapshot.message);
      c.status(snapshot === null ? 404 : 503);
      return c.render(<NoChild why={why} />, { title: words.gone, live: true });
    }
    const { id, pid } = snapshot.session;
    return c.render(
      <ChildPage
        snapshot={snapshot}
        view={parseChildView(c.req.query())}
        points={usageHistory.watch(id)}
        historyError={history.writeError}
      />,
      { title: words.title(pid), live: true, charts: true },
    );
  });

  app.get("/:id/events", childStream(sources));
  return app;
}
