/** One child for programs: what its page shows. What its client sent is in it only where that was asked for. */
import type { ChildSnapshot } from "./snapshot.ts";
import { inodeOf } from "./snapshot.ts";
import { isUnreadable, type ProcessDetails } from "../../shared/process-details.ts";
import { logJson, sessionJson } from "../http/session-json.ts";
import { type TimelineStep, timeline } from "./timeline.ts";

export function childJson(look: ChildSnapshot, contents: boolean) {
  const { session, child, log, notKept, processAt } = look;
  return {
    ...sessionJson(session),
    state: child?.state ?? ("ended" as const),
    lastActiveAt: child === null ? null : iso(child.lastActiveAt),
    ...(contents && { lastCommand: child?.lastCommand ?? null }),
    timeline: timeline(session, log).map(stepJson),
    log: log.map((entry) => logJson(entry, contents)),
    logNotKept: notKept,
    processAt: processAt === null ? null : iso(processAt),
    process: look.process === null ? null : processJson(look.process, look),
  };
}

/** What happened is an entry of the log, or one word. */
function stepJson({
  step,
  at,
  sinceAcceptedMs: sinceAccepted,
  sincePreviousMs: sincePrevious,
  ...rest
}: TimelineStep): object {
  const event = "event" in rest ? rest.event : { event: step };
  return {
    ...event,
    time: iso(at),
    sinceAcceptedMs: sinceAccepted,
    sincePreviousMs: sincePrevious,
  };
}

function processJson(
  { startedAt, files, processes, ...process }: ProcessDetails,
  { sockets }: ChildSnapshot,
) {
  return {
    ...process,
    startedAt: isUnreadable(startedAt) ? startedAt : iso(startedAt),
    files: isUnreadable(files)
      ? files
      : {
          count: files.count,
          listed: files.listed.map(({ fd, target }) => {
            const socket = sockets.get(inodeOf(target) ?? "");
            return { fd, target, ...(socket && { socket }) };
          }),
        },
    processes,
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
