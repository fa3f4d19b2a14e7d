/** Log events in words. */
import { formatBytes, formatDuration } from "./format.ts";
import type { ConfinementGap, ConfinementSummary, Ended, LogEvent, RequestReport } from "./log.ts";
import type { Phase, Receipt } from "./outcome.ts";

const PHASES: Record<Phase, string> = {
  start: "starting",
  "first byte": "waiting for the first byte",
  idle: "idle",
  session: "in session",
  leave: "leaving",
};

/** Describes an event in words, without its time, process and client. */
export function describe(event: LogEvent): string {
  switch (event.event) {
    case "listening":
      return `listening on ${event.host} port ${event.port}, master is PID ${event.pid}`;
    case "confined":
      return describeConfined(event);
    case "exposed":
      return `${event.what}, for ${event.to}`;
    case "accepted":
      return "client connected";
    case "refused":
      return `refused: ${event.reason}${event.detail === null ? "" : ` (${event.detail})`}`;
    case "refusals not listed":
      return `${event.count.toLocaleString("en")} more refusals not listed: ${listCounts(event.reasons)}`;
    case "spawned":
      return event.spare ? "handed to a spare" : "child spawned";
    case "serving":
      return `child serving after ${event.ms.toFixed(1)} ms`;
    case "first reply":
      return `first reply after ${formatDuration(event.ms)}`;
    case "request":
      return describeRequest(event);
    case "requests not listed":
      return `${event.count.toLocaleString("en")} more requests not listed`;
    case "printed":
      return event.text;
    case "lines not listed":
      return `${event.count.toLocaleString("en")} more lines not listed`;
    case "failed":
      return `service failed: ${event.error}`;
    case "overdue":
      return `stuck: ${PHASES[event.phase]} for ${formatDuration(event.ms)}`;
    case "signal sent":
      return `${event.signal} sent by ${event.by}`;
    case "signal outcome":
      return `${describeReceipt(event)} (requested by ${event.by})`;
    case "ended":
      return describeEnd(event);
    case "warning":
      return event.message;
    case "paused":
      return `accepting paused${event.ms === null ? "" : ` for ${formatDuration(event.ms)}`}: ${event.reason}`;
    case "resumed":
      return `accepting resumed after ${formatDuration(event.ms)}${event.by === null ? "" : `, by ${event.by}`}`;
    case "kill requested":
      return `${event.signal} to ${children(event.count)} (${event.selection}) requested by ${event.by}`;
    case "kill cancelled":
      return `${event.signal} to the remaining ${children(event.count)} (${event.selection}) cancelled by ${event.by}`;
    case "drain requested":
      return `drain of ${formatDuration(event.ms)} requested by ${event.by}`;
    case "wrong password":
      return describeWrongPassword(event);
    case "reloaded":
      return event.changed.length === 0
        ? "options reloaded: nothing changed"
        : `options reloaded: ${event.changed.join(", ")}`;
    case "draining":
      return `draining: ${children(event.left)} left, at most ${formatDuration(event.ms)}`;
    case "stopping":
      return `${event.signal === null ? "" : `${event.signal} received, `}stopping ${children(event.live)}`;
    case "stopped":
      return `stopped after ${event.accepted.toLocaleString("en")} ${event.accepted === 1 ? "client" : "clients"}, ${event.refused.toLocaleString("en")} refused`;
  }
}

/**
 * `TERM sent, gone after 12 ms`, `TERM sent, then KILL, gone after 5.0 s`, `STOP sent, stopped`.
 */
export function describeReceipt({ sent, outcome, ms, leftovers }: Receipt): string {
  const [first, ...more] = sent;
  const signals = [`${first} sent`, ...more.map((signal) => `then ${signal}`)].join(", ");
  const after = outcome === "gone" || outcome === "still there";
  return `${signals}, ${outcome}${after ? ` after ${formatDuration(ms)}` : ""}${describeLeftovers(leftovers)}`;
}

/**
 * `, 2 processes left behind were killed`; empty for none. An entry that an earlier
 * version stored lacks the number.
 */
function describeLeftovers(count = 0): string {
  if (count === 0) return "";
  return count === 1
    ? ", 1 process left behind was killed"
    : `, ${count.toLocaleString("en")} processes left behind were killed`;
}

function children(count: number): string {
  return count === 1 ? "1 live child" : `${count} live children`;
}

function listCounts(counts: { [name: string]: number }): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} × ${name}`)
    .join(", ");
}

function describeWrongPassword({
  by,
  count,
  ms,
}: Extract<LogEvent, { event: "wrong password" }>): string {
  const what = count === 1 ? "wrong password" : `${count.toLocaleString("en")} wrong passwords`;
  const wait = ms === 0 ? "" : `; the next attempt has to wait ${formatDuration(ms)}`;
  return `${what} for the page from ${by}${wait}`;
}

const GAPS: Record<ConfinementGap["what"], string> = {
  IPC: "not kept from leaving shared memory and message queues behind",
  privileges: "not kept from gaining privileges",
  files: "not kept from the files of their user",
  network: "not kept from the network",
  page: "not kept from this page",
  ports: "not kept from listening on the ports of this server and its page",
  processes: "not kept from seeing the processes of others",
  program: "not kept from loading code that others left",
  signals: "not kept from signalling the server",
  "system calls": "not kept from tracing each other",
};

function describeConfined(event: ConfinementSummary): string {
  const { directory, umask, maxFiles, cpuSeconds, maxProcesses, maxFileBytes } = event;
  const { memoryBytes, memoryBy, noCgroupReason, ownUser, noOwnUserReason } = event;
  const parts = [`children run as ${describeUser(event)} in ${directory}, umask ${umask}`];
  if (noOwnUserReason !== null) parts.push(`they share a user: ${noOwnUserReason}`);
  if (maxFiles !== null) parts.push(`files ≤ ${maxFiles}`);
  if (cpuSeconds !== null) parts.push(`cpu ≤ ${formatDuration(cpuSeconds * 1000)}`);
  if (maxProcesses !== null) {
    const how = ownUser ? "" : ", not enforced: children share a user";
    parts.push(`processes ≤ ${maxProcesses}${how}`);
  }
  if (maxFileBytes !== null) parts.push(`file size ≤ ${formatBytes(maxFileBytes)}`);
  if (memoryBytes !== null) {
    const how = memoryBy === "cgroup" ? "by cgroup" : `polled every second (${noCgroupReason})`;
    parts.push(`memory ≤ ${formatBytes(memoryBytes)}, ${how}`);
  }
  const { network, writable, newPrivileges, gaps } = event;
  if (network === "none") parts.push("no network");
  if (writable !== null)
    parts.push(`write ${writable.length === 0 ? "no files" : `only in ${writable.join(", ")}`}`);
  if (newPrivileges) parts.push("may gain privileges");
  for (const { what, reason } of gaps) parts.push(`${GAPS[what]} (${reason})`);
  return parts.join("; ");
}

/** `nobody:nogroup`, or `users of their own (1879048192-2147483647)`. */
export function describeUser({ user, group, ownUser }: ConfinementSummary): string {
  return ownUser ? `users of their own (${user})` : `${user}:${group}`;
}

function describeRequest({ kind, text }: RequestReport): string {
  switch (kind) {
    case "time":
    case "quit":
      return `request ${kind}`;
    case "invalid":
      return `invalid command: ${text}`;
    case "too-long":
      return `line too long: ${text}…`;
  }
}

function describeEnd(event: Ended): string {
  const { reason, signal, exitCode, bytesIn, bytesOut } = event;
  const failed = reason === "crashed" || reason === "program failed";
  const how = signal ?? (failed ? `exit status ${exitCode}` : null);
  const ended = `ended: ${reason}${how === null ? "" : ` (${how})`}, ${formatDuration(event.ms)}`;
  const left = describeLeftovers(event.leftovers);
  if (bytesIn === null || bytesOut === null) return `${ended}${left}`;
  return `${ended}, ${formatBytes(bytesIn)} in, ${formatBytes(bytesOut)} out${left}`;
}
