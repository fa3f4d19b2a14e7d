/**
 * What a child's page shows, as JSON. It includes what the client sent only
 * if the request asks for it.
 */
import { isUnreadable, type ProcessDetails } from "../../shared/process-details.ts";
import { logJson, sessionJson } from "../http/session-json.ts";
import { inodeOf } from "./process-cache.ts";
import type { ChildSnapshot } from "./snapshot.ts";
import { timeline, type TimelineStep } from "./timeline.ts";

/** `contents`: include what the client sent. */
export function childJson(snapshot: ChildSnapshot, contents: boolean) {
  const { session, child, log, droppedLogEntries, processAt } = snapshot;
  return {
    ...sessionJson(session),
    state: child?.state ?? ("ended" as const),
    lastActiveAt: child === null ? null : iso(child.lastActiveAt),
    ...(contents && { lastCommand: child?.lastCommand ?? null }),
    timeline: timeline(session, log).map(stepJson),
    log: log.map((entry) => logJson(entry, contents)),
    droppedLogEntries,
    processAt: processAt === null ? null : iso(processAt),
    process: snapshot.process === null ? null : processJson(snapshot.process, snapshot),
  };
}

/** A logged step has the fields of its log entry; any other only its name. */
function stepJson({ step, at, sinceAcceptedMs, sincePreviousMs, ...rest }: TimelineStep): object {
  const event = "event" in rest ? rest.event : { event: step };
  return { ...event, time: iso(at), sinceAcceptedMs, sincePreviousMs };
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
