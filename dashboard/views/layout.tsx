/** @jsxImportSource hono/jsx */
/** The frame of each page. Nothing inline: the page's policy allows none. */
import { jsxRenderer } from "hono/jsx-renderer";
import { viewerOf, ViewerProvider } from "../http/viewer.tsx";

/**
 * No styles injected, no `eval`. An error takes no part of the page away. Morphing leaves alone what only the
 * browser knows. A stream that broke is asked for again within two seconds, however long the server was away.
 */
const HTMX_CONFIG = JSON.stringify({
  includeIndicatorCSS: false,
  noSwap: [204, 304, "4xx", "5xx"],
  morphIgnore: ["data-htmx-powered", "data-highlighted", "open", "disabled"],
  sse: { reconnectMaxDelay: 2000 },
});

export const layout = jsxRenderer(({ children, title, live, charts }, c) => {
  const reader = viewerOf(c);
  return (
    <ViewerProvider value={reader}>
      <html lang={reader.language}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="htmx-config" content={HTMX_CONFIG} />
          <title>{title === undefined ? "brood" : `${title} · brood`}</title>
          <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
          <link rel="stylesheet" href="/assets/page.css" />
          {charts && <link rel="stylesheet" href="/assets/charts.css" />}
          {live && <script defer src="/assets/page.js" />}
          {charts && <script defer src="/assets/charts.js" />}
        </head>
        <body>{children}</body>
      </html>
    </ViewerProvider>
  );
});

declare module "hono" {
  interface ContextRenderer {
    (
      content: string | Promise<string>,
      /** `title`: its own, before ours. `live`: it has a script, and needs it to be so. `charts`: there are some on it. */
      props?: { title?: string; live?: boolean; charts?: boolean },
    ): Response | Promise<Response>;
  }
}
