/**
 * `GET /metrics`: the master for Prometheus. It costs the same however many children there are: what
 * is counted here is counted as it happens, the rest is the master's own account.
 */
import { version as bun } from "bun";
import { version } from "../../package.json";
import { type Master, type MasterStatus } from "../../shared/master.ts";
import { readOwnProcess } from "../../shared/proc.ts";
import { SIGNALS } from "../../shared/signals.ts";
import { type Metric, formatExposition, type Sample } from "./exposition.ts";
import { createHistogram } from "./histogram.ts";
import type { Series } from "./series.ts";
import { END_REASONS, REFUSE_REASONS } from "../../shared/outcome.ts";

/** Seconds. A spare answers within one millisecond, a program that is searched for on a slow disk in ten seconds. */
const FIRST_REPLY = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** Seconds: from a client that only looks to one that stays for a day. */
const SESSION = [0.01, 0.1, 1, 10, 60, 300, 1800, 7200, 28_800, 86_400];

const STATES: readonly MasterStatus["state"][] = ["accepting", "paused", "draining", "stopping"];

/** Counts from now on; gives what makes the text of this moment. */
export function createMetrics(master: Master, series: Series): () => string {
  const firstReply = createHistogram(FIRST_REPLY);
  const session = createHistogram(SESSION);
  // All from the start, at 0: Prometheus cannot see a first increase otherwise.
  const ended = counter(END_REASONS);
  const signals = counter(SIGNALS);
  let warnings = 0;

  master.follow(({ event }) => {
    switch (event.event) {
      case "first reply":
        return firstReply.add(event.ms / 1000);
      case "signal sent":
        return signals.count(event.signal);
      case "warning":
        warnings += 1;
        return;
      case "ended":
        session.add(event.ms / 1000);
        return ended.count(event.reason);
    }
  });

  return () => {
    const status = master.status();
    return formatExposition([
      {
        name: "brood_build_info",
        type: "gauge",
        help: "1, with the versions of brood and Bun.",
        samples: [{ labels: { version, bun }, value: 1 }],
      },
      ...ofClients(status),
      {
        name: "brood_ended_total",
        type: "counter",
        help: "Sessions that ended, by reason.",
        samples: ended.samples("reason"),
      },
      {
        name: "brood_first_reply_seconds",
        type: "histogram",
        help: "From a client's being accepted to the first byte of the service's.",
        histogram: firstReply,
      },
      {
        name: "brood_session_seconds",
        type: "histogram",
        help: "Length of the sessions that ended.",
        histogram: session,
      },
      {
        name: "brood_signals_sent_total",
        type: "counter",
        help: "Signals sent to children, by operators and by the master.",
        samples: signals.samples("signal"),
      },
      counterOf("brood_warnings_total", "Warnings in the log.", warnings),
      ...ofLoop(series),
      ...ofProcess(),
    ]);
  };
}

/** Counts of each of some names. */
function counter<Name extends string>(names: readonly Name[]) {
  const counts = new Map<Name, number>(names.map((name) => [name, 0]));
  return {
    count: (name: Name) => void counts.set(name, (counts.get(name) ?? 0) + 1),
    samples: (label: string): Sample[] =>
      Array.from(counts, ([name, value]) => ({ labels: { [label]: name }, value })),
  };
}

function ofClients(status: MasterStatus): Metric[] {
  const refused = new Map(status.refusals.map(({ reason, count }) => [reason, count]));
  return [
    {
      name: "brood_state",
      type: "gauge",
      help: "1 for the state that the master is in.",
      samples: STATES.map((state) => ({
        labels: { state },
        value: state === status.state ? 1 : 0,
      })),
    },
    gauge("brood_live_clients", "Clients that are being served.", status.live),
    gauge("brood_peak_clients", "The most clients that were live at once.", status.peak),
    gauge("brood_max_clients", "Clients that may be live at once.", status.maxClients),
    gauge("brood_waiting_clients", "Clients that wait for room.", status.waiting),
    counterOf("brood_received_total", "Clients that came.", status.received),
    counterOf("brood_accepted_total", "Clients that were given a child.", status.accepted),
    {
      name: "brood_refused_total",
      type: "counter",
      help: "Clients that were refused, by reason.",
      samples: REFUSE_REASONS.map((reason) => ({
        labels: { reason },
        value: refused.get(reason) ?? 0,
      })),
    },
    {
      name: "brood_spares",
      type: "gauge",
      help: "Children that have no client yet, by state.",
      samples: Object.entries(status.sparesByState).map(([state, value]) => ({
        labels: { state },
        value,
      })),
    },
    gauge("brood_spares_wanted", "Spares that are to be kept.", status.spares),
  ];
}

function ofLoop(series: Series): Metric[] {
  const delay = series.eventLoopDelay();
  if (delay === null) return [];
  return [
    gauge(
      "brood_event_loop_delay_seconds",
      "How late the master's event loop was in the last minute, on average.",
      delay.mean / 1000,
    ),
    gauge(
      "brood_event_loop_delay_max_seconds",
      "The longest delay of the master's event loop in the last minute.",
      delay.max / 1000,
    ),
  ];
}

/** The master as a process, under the names that all of Prometheus's clients use. */
function ofProcess(): Metric[] {
  const { user, system } = process.cpuUsage();
  const own = readOwnProcess();
  const startedAt = performance.timeOrigin / 1000;
  return [
    counterOf(
      "process_cpu_seconds_total",
      "Processor time that the master has used.",
      (user + system) / 1e6,
    ),
    gauge("process_start_time_seconds", "When the master started, since the epoch.", startedAt),
    gauge(
      "process_resident_memory_bytes",
      "The master's resident memory.",
      process.memoryUsage.rss(),
    ),
    ...(own === null
      ? []
      : [
          gauge("process_virtual_memory_bytes", "The master's address space.", own.virtualBytes),
          gauge(
            "process_private_memory_bytes",
            "The master's resident memory that nothing else backs.",
            own.privateBytes,
          ),
          gauge("process_open_fds", "Descriptors that the master has open.", own.descriptors),
          gauge(
            "process_max_fds",
            "Descriptors that the master may have open.",
            own.maxDescriptors,
          ),
        ]),
  ];
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, type: "gauge", help, samples: [{ value }] };
}

function counterOf(name: string, help: string, value: number): Metric {
  return { name, type: "counter", help, samples: [{ value }] };
}
