/** The dashboard without a server behind it: enough to ask which routes it has. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { createApp } from "../../dashboard/http/app.tsx";
import type { History } from "../../shared/history.ts";
import type { Master } from "../../shared/master.ts";

export function appWithoutMaster(): OpenAPIHono {
  return createApp({
    master: {
      instance: "aaaaaaaa",
      subscribe: () => () => {},
      follow: () => () => {},
      log: () => [],
      status: () => ({ refusals: [] }),
    } as unknown as Master,
    history: {} as History,
    host: "127.0.0.1",
    access: { operate: null, isGenerated: false, watch: null, readonly: false },
    checkPeer: null,
    connections: null,
    assets: new Map(),
  });
}
