/** @jsxImportSource hono/jsx */
/** Whether what is shown is of this moment. The page's script keeps `data-state` true. */
import type { Child as Content } from "hono/jsx";
import { useTexts } from "../http/viewer.tsx";

export type LiveState = "connecting" | "paused" | "ended";

/** `children`: what pauses it. */
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
