/** @jsxImportSource hono/jsx */
/** Says whether the page is up to date. The page's script sets `data-state`. */
import type { Child as Content } from "hono/jsx";
import { useTexts } from "../http/viewer.tsx";

export type LiveState = "connecting" | "paused" | "ended";

/** `children`: the controls next to it, such as the pause link. */
export function Live({ state, children }: { state: LiveState; children?: Content }) {
  const { live } = useTexts();
  return (
    <p class="live">
      <span id="live" role="status" data-state={state}>
        <span class="live">{live.live}</span>
        <span class="connecting">
          {live.connecting}
          <noscript>{live.needsScript}</noscript>
        </span>
        <span class="reconnecting">{live.reconnecting}</span>
        <span class="paused">{live.paused}</span>
        <span class="ended">{live.ended}</span>
      </span>
      {children}
    </p>
  );
}
