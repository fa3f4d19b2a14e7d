/** @jsxImportSource hono/jsx */
/**
 * The HTML around each page. No inline scripts or styles: the Content-Security-Policy forbids them.
 */
import { jsxRenderer } from "hono/jsx-renderer";
import { viewerOf, ViewerProvider } from "../http/viewer.tsx";

/**
 * htmx injects no styles. An error response replaces nothing on the page. Morphing
 * leaves alone what only the browser knows. A broken stream is reopened within 2 s,
 * however long the server was away.
 */
const HTMX_CONFIG = JSON.stringify({
  includeIndicatorCSS: false,
  noSwap: [204, 304, "4xx", "5xx"],
  morphIgnore: ["data-htmx-powered", "data-highlighted", "open", "disabled"],
  sse: { reconnectMaxDelay: 2000 },
});

export const layout = jsxRenderer(({ children, title, live, charts }, c) => {
  const viewer = viewerOf(c);
  return (
    <ViewerProvider value={viewer}>
      <html lang={viewer.language}>
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
      /**
       * `title`: shown before ours. `live`: loads the page's script. `charts`: loads the
       * script and styles of charts.
       */
      props?: { title?: string; live?: boolean; charts?: boolean },
    ): Response | Promise<Response>;
  }
}
