/** The schema of a process as /proc shows it. Any part may be unreadable. */
import { z } from "@hono/zod-openapi";
import { isoTime, list } from "../http/openapi/fields.ts";
import { responseSchema } from "../http/openapi/responses.ts";

const unreadable = z.object({ unreadable: z.string().describe("Why") });

function readable<Schema extends z.ZodType>(schema: Schema) {
  return z.union([schema, unreadable]);
}

/** The first of many. */
function listing<Item extends z.ZodType>(item: Item) {
  return z.object({ count: z.int(), listed: list(item) });
}

const status = z.object({
  name: z.string(),
  state: z.string(),
  uid: z.int(),
  user: z.string().nullable(),
  gid: z.int(),
  group: z.string().nullable(),
  threads: z.int(),
  residentBytes: z.int().nullable(),
  peakResidentBytes: z.int().nullable(),
  swappedBytes: z.int().nullable(),
  voluntarySwitches: z.int(),
  involuntarySwitches: z.int(),
});

const file = z.object({
  fd: z.int(),
  target: readable(z.string()),
  socket: z.object({ local: z.string(), remote: z.string().nullable() }).nullable().optional(),
});

const limit = z.object({
  name: z.string(),
  soft: z.number().nullable(),
  hard: z.number().nullable(),
  unit: z.string(),
});

const cgroup = z.object({
  path: z.string(),
  memoryBytes: z.int().nullable(),
  memoryLimitBytes: z.int().nullable(),
  processes: z.int().nullable(),
});

export const processSchema = responseSchema("Process", () =>
  z.object({
    pid: z.int(),
    startedAt: readable(isoTime),
    command: readable(z.object({ arguments: list(z.string()), isCut: z.boolean() })),
    executable: readable(z.string()),
    directory: readable(z.string()),
    status: readable(status),
    threads: readable(listing(z.object({ tid: z.int(), name: z.string() }))),
    files: readable(listing(file)),
    limits: readable(list(limit)),
    cgroup: readable(cgroup),
    oomScore: readable(z.int()),
    processes: listing(z.object({ pid: z.int(), ppid: z.int(), uid: z.int(), comm: z.string() })),
  }),
);
