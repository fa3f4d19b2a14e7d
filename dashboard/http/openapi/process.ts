/** The schema of a process as /proc tells of it. Each part may be unreadable by itself. */
import {
  either,
  flag,
  integer,
  list,
  moment,
  number,
  object,
  orNull,
  type Schema,
  text,
} from "./schema.ts";

const unreadable = object({ unreadable: text });

const part = (schema: Schema) => either(schema, unreadable);

/** Some of many. */
const some = (items: Schema) => object({ count: integer, listed: list(items) });

const status = object({
  name: text,
  state: text,
  uid: integer,
  user: orNull(text),
  gid: integer,
  group: orNull(text),
  threads: integer,
  residentBytes: orNull(integer),
  peakResidentBytes: orNull(integer),
  swappedBytes: orNull(integer),
  voluntarySwitches: integer,
  involuntarySwitches: integer,
});

const socket = orNull(object({ local: text, remote: orNull(text) }));

export const process = object({
  pid: integer,
  startedAt: part(moment),
  command: part(object({ arguments: list(text), isCut: flag })),
  executable: part(text),
  directory: part(text),
  status: part(status),
  threads: part(some(object({ tid: integer, name: text }))),
  files: part(some(object({ fd: integer, target: part(text) }, { socket }))),
  limits: part(
    list(object({ name: text, soft: orNull(number), hard: orNull(number), unit: text })),
  ),
  cgroup: part(
    object({
      path: text,
      memoryBytes: orNull(integer),
      memoryLimit: orNull(integer),
      processes: orNull(integer),
    }),
  ),
  oomScore: part(integer),
  processes: some(object({ pid: integer, ppid: integer, uid: integer, comm: text })),
});
