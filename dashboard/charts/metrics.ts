/**
 * `GET /metrics`: the master's metrics for Prometheus. The cost does not depend on the number of
 * children: events are counted here as they happen, and everything else is the master's own state.
 */
import { version as bun } from "bun";
import { version } from "../../package.json";
import { type Master, type MasterStatus } from "../../shared/master.ts";
import { readOwnProcess } from "../../shared/proc.ts";
import { SIGNALS } from "../../shared/signals.ts";
import { type Metric, formatExposition, type Sample } from "./exposition.ts";
import type { ConnectionLimit } from "../http/connection-limit.ts";
import type { SignInLimit } from "../http/sign-in-limit.ts";
import { createHistogram } from "./histogram.ts";
import type { Series } from "./series.ts";
import { END_REASONS, REFUSE_REASONS } from "../../shared/outcome.ts";

/**
 * From a spare, which replies within a millisecond, to a program that a slow
 * disk takes seconds to load.
 */
const FIRST_REPLY_BOUNDS_S = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** From a client that only checks the port to one that stays for a day. */
const SESSION_BOUNDS_S = [0.01, 0.1, 1, 10, 60, 300, 1800, 7200, 28_800, 86_400];

const STATES: readonly MasterStatus["state"][] = ["accepting", "paused", "draining", "stopping"];

/** What keeps others away from the page, and counts them. */
interface GuardCounts {
  signInLimit: Pick<SignInLimit, "wrong" | "tooEarly">;
  /** Null where connections are not limited. */
  connections: Pick<ConnectionLimit, "closed"> | null;
}

/** Counts events from now on. Returns a function that returns the current metrics as text. */
export function createMetrics(master: Master, series: Series, guard: GuardCounts): () => string {
  const firstReply = createHistogram(FIRST_REPLY_BOUNDS_S);
  const session = createHistogram(SESSION_BOUNDS_S);
  // All of them are exposed at 0 from the start: otherwise Prometheus
  // would miss the first increase.
  const ended = createCounter(END_REASONS);
  const signals = createCounter(SIGNALS);
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
        help: "Always 1; the labels are the versions of brood and Bun.",
        samples: [{ labels: { version, bun }, value: 1 }],
      },
      ...clientMetrics(status),
      {
        name: "brood_ended_total",
        type: "counter",
        help: "Sessions that ended, by reason.",
        samples: ended.samples("reason"),
      },
      {
        name: "brood_first_reply_seconds",
        type: "histogram",
        help: "Time from accepting a client to the first byte of its reply.",
        histogram: firstReply,
      },
      {
        name: "brood_session_seconds",
        type: "histogram",
        help: "Duration of ended sessions.",
        histogram: session,
      },
      {
        name: "brood_signals_sent_total",
        type: "counter",
        help: "Signals sent to children by operators and by the master, by signal.",
        samples: signals.samples("signal"),
      },
      counter("brood_warnings_total", "Warnings logged.", warnings),
      ...guardMetrics(guard),
      ...eventLoopMetrics(series),
      ...processMetrics(),
    ]);
  };
}

function guardMetrics({ signInLimit, connections }: GuardCounts): Metric[] {
  return [
    counter("brood_wrong_passwords_total", "Wrong passwords for the page.", signInLimit.wrong()),
    counter(
      "brood_unchecked_passwords_total",
      "Passwords for the page refused unchecked: they followed wrong ones too soon.",
      signInLimit.tooEarly(),
    ),
    counter(
      "brood_page_connections_closed_total",
      "Connections to the page closed because there were too many.",
      connections?.closed() ?? 0,
    ),
  ];
}

/** Counts by name. */
function createCounter<Name extends string>(names: readonly Name[]) {
  const counts = new Map<Name, number>(names.map((name) => [name, 0]));
  return {
    count: (name: Name) => void counts.set(name, (counts.get(name) ?? 0) + 1),
    samples: (label: string): Sample[] =>
      Array.from(counts, ([name, value]) => ({ labels: { [label]: name }, value })),
  };
}

function clientMetrics(status: MasterStatus): Metric[] {
  const refused = new Map(status.refusals.map(({ reason, count }) => [reason, count]));
  return [
    {
      name: "brood_state",
      type: "gauge",
      help: "1 for the current state of the master, 0 for the others.",
      samples: STATES.map((state) => ({
        labels: { state },
        value: state === status.state ? 1 : 0,
      })),
    },
    gauge("brood_live_clients", "Live clients.", status.live),
    gauge("brood_peak_clients", "Highest number of clients live at the same time.", status.peak),
    gauge("brood_max_clients", "Maximum number of live clients.", status.maxClients),
    gauge("brood_waiting_clients", "Clients waiting for room.", status.waiting),
    counter("brood_received_total", "Clients that connected.", status.received),
    counter("brood_accepted_total", "Clients accepted and handed to a child.", status.accepted),
    {
      name: "brood_refused_total",
      type: "counter",
      help: "Clients refused, by reason.",
      samples: REFUSE_REASONS.map((reason) => ({
        labels: { reason },
        value: refused.get(reason) ?? 0,
      })),
    },
    {
      name: "brood_spares",
      type: "gauge",
      help: "Spares, by state.",
      samples: Object.entries(status.sparesByState).map(([state, value]) => ({
        labels: { state },
        value,
      })),
    },
    gauge("brood_spares_wanted", "Number of spares to keep ready.", status.spares),
  ];
}

function eventLoopMetrics(series: Series): Metric[] {
  const delay = series.eventLoopDelay();
  if (delay === null) return [];
  return [
    gauge(
      "brood_event_loop_delay_seconds",
      "Mean delay of the master's event loop in the last minute.",
      delay.meanMs / 1000,
    ),
    gauge(
      "brood_event_loop_delay_max_seconds",
      "Longest delay of the master's event loop in the last minute.",
      delay.maxMs / 1000,
    ),
  ];
}

/** The master's process, under the names that Prometheus's client libraries use. */
function processMetrics(): Metric[] {
  const { user, system } = process.cpuUsage();
  const own = readOwnProcess();
  const startedAt = performance.timeOrigin / 1000;
  return [
    counter("process_cpu_seconds_total", "CPU time used by the master.", (user + system) / 1e6),
    gauge(
      "process_start_time_seconds",
      "Start time of the master since the Unix epoch.",
      startedAt,
    ),
    ...(own === null
      ? []
      : [
          gauge(
            "process_resident_memory_bytes",
            "Resident memory of the master.",
            own.residentBytes,
          ),
          gauge("process_virtual_memory_bytes", "Virtual memory of the master.", own.virtualBytes),
          gauge(
            "process_private_memory_bytes",
            "Private memory of the master: resident, and neither shared nor backed by a file.",
            own.privateBytes,
          ),
          gauge("process_open_fds", "File descriptors open in the master.", own.descriptors),
          gauge(
            "process_max_fds",
            "Maximum number of file descriptors open in the master.",
            own.maxDescriptors,
          ),
        ]),
  ];
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, type: "gauge", help, samples: [{ value }] };
}

function counter(name: string, help: string, value: number): Metric {
  return { name, type: "counter", help, samples: [{ value }] };
}
