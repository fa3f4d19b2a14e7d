/**
 * Imported before any schema is made: zod then compiles no parsers with `new Function`, which
 * costs more than it saves here.
 */
import { z } from "@hono/zod-openapi";

z.config({ jitless: true });
