/**
 * A history that is to be opened while no descriptor is left, and again when there are
 * some: see descriptors.test.ts.
 */
import { closeSync, openSync } from "node:fs";
import { openHistory } from "../../../server/history/open.ts";
import { isDescriptorExhaustion } from "../../../server/os/descriptor-exhaustion.ts";
import { until } from "../../harness/until.ts";

const opened: number[] = [];
try {
  for (;;) opened.push(openSync("/dev/null", "r"));
} catch (error) {
  if (!isDescriptorExhaustion(error)) throw error;
}

const limits = { maxSessions: 10, maxSessionsInMemory: 10, maxAgeMs: 0 };
const history = openHistory(
  { ...limits, file: null, modes: [], instance: "a" },
  { warn: console.log, liveIds: () => [], thread: null },
);
history.start();
for (const fd of opened) closeSync(fd);
await until(
  () =>
    history.audit({ limit: 1 }).then(
      () => true,
      () => false,
    ),
  "the history is opened",
);
console.log("opened");
await history.close();
