/** The metrics: they include everything that has happened, even if the log has dropped it. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { formatExposition } from "../../../dashboard/charts/exposition.ts";
import { SIGNALS } from "../../../shared/signals.ts";
import { connect } from "../../harness/connect.ts";
import { ROOT, run } from "../../harness/run.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { until } from "../../harness/until.ts";
import { connectServed, connectManyServed } from "../../harness/served-client.ts";
import { request } from "../request.ts";
import { END_REASONS, REFUSE_REASONS } from "../../../shared/outcome.ts";

/** Parses the samples: values by name with labels. */
async function scrape(server: Server): Promise<Map<string, number>> {
  const { status, headers, text } = await request(server, "metrics");
  expect(status).toBe(200);
  expect(headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(" ");
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

/** Returns the samples of one name, by their label. */
function byLabel(samples: ReadonlyMap<string, number>, name: string): Record<string, number> {
  const found = [...samples].flatMap(([key, value]): [string, number][] => {
    const label = new RegExp(`^${name}\\{\\w+="(.*)"\\}$`).exec(key)?.[1];
    return label === undefined ? [] : [[label, value]];
  });
  return Object.fromEntries(found);
}

function zeros(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, 0]));
}

test("promtool finds nothing wrong, and every reason and signal is exposed from the start", async () => {
  await using server = await startServer();
  const { text } = await request(server, "metrics");
  expect(await run(["promtool", "check", "metrics"], { stdin: text })).toEqual({
    stdout: "",
    stderr: "",
    exitCode: 0,
  });
  const samples = await scrape(server);
  expect(byLabel(samples, "brood_ended_total")).toEqual(zeros(END_REASONS));
  expect(byLabel(samples, "brood_refused_total")).toEqual(zeros(REFUSE_REASONS));
  expect(byLabel(samples, "brood_signals_sent_total")).toEqual(zeros(SIGNALS));
  expect(byLabel(samples, "brood_state")).toEqual({
    accepting: 1,
    paused: 0,
    draining: 0,
    stopping: 0,
  });
  expect(samples.get("brood_first_reply_seconds_count")).toBe(0);
});

test("clients, ends, refusals, first replies and signals are counted", async () => {
  await using server = await startServer({ maxClients: 3, spares: 1 });
  await using servedClients = await connectManyServed(server, 3);
  const [first, second, third] = servedClients.all;
  await first?.askTime();
  await using refused = await connect(server.port);
  await refused.readToEnd();
  await second?.quit();
  await request(server, `api/children/${third?.id}?signal=KILL`, { method: "DELETE" });
  await until(() => server.events("ended").length === 2, "two have ended");
  await until(() => server.events("first reply").length === 2, "`quit` has a reply, too");
  await until(async () => byLabel(await scrape(server), "brood_spares").ready === 1, "it is back");

  const samples = await scrape(server);
  expect(Object.fromEntries([...samples].filter(([name]) => name.endsWith("_clients")))).toEqual({
    brood_live_clients: 1,
    brood_peak_clients: 3,
    brood_max_clients: 3,
    brood_waiting_clients: 0,
  });
  expect(samples.get("brood_received_total")).toBe(4);
  expect(samples.get("brood_accepted_total")).toBe(3);
  expect(samples.get('brood_refused_total{reason="too many clients"}')).toBe(1);
  expect(samples.get('brood_ended_total{reason="quit"}')).toBe(1);
  expect(samples.get('brood_ended_total{reason="killed by operator"}')).toBe(1);
  expect(samples.get('brood_signals_sent_total{signal="KILL"}')).toBe(1);
  expect(byLabel(samples, "brood_spares")).toEqual({ starting: 0, ready: 1 });
  expect(samples.get("brood_spares_wanted")).toBe(1);
  // `time` has a reply, and so has `quit`.
  expect(samples.get("brood_first_reply_seconds_count")).toBe(2);
  const { ms } = await server.event("first reply", ({ id }) => id === first?.id);
  expect(samples.get("brood_first_reply_seconds_sum")).toBeGreaterThanOrEqual(ms / 1000);
  expect(samples.get("brood_session_seconds_count")).toBe(2);
  expect(samples.get('brood_session_seconds_bucket{le="+Inf"}')).toBe(2);
  expect(samples.get("process_open_fds")).toBeGreaterThan(5);
  expect(samples.get("process_resident_memory_bytes")).toBeGreaterThan(10e6);
});

test("entries that the log has dropped are still counted", async () => {
  await using server = await startServer({ spares: 4 });
  // More entries than the log holds.
  while (server.log.length < 600) {
    const clients = await Promise.all(Array.from({ length: 20 }, () => connect(server.port)));
    await Promise.all(clients.map((client) => client.send("quit\n")));
    await Promise.all(clients.map((client) => client.readToEnd()));
  }
  const samples = await until(async () => {
    const samples = await scrape(server);
    return samples.get("brood_live_clients") === 0 && samples;
  }, "all have ended");
  const accepted = samples.get("brood_accepted_total");
  expect(accepted).toBeGreaterThan(60);
  expect(samples.get('brood_ended_total{reason="quit"}')).toBe(accepted);
  expect(samples.get("brood_first_reply_seconds_count")).toBe(accepted);
  expect(samples.get("brood_session_seconds_count")).toBe(accepted);
  // Buckets are cumulative.
  const buckets = [...samples].flatMap(([key, value]) =>
    key.startsWith("brood_session_seconds_bucket{") ? value : [],
  );
  expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
  expect(samples.get('brood_session_seconds_bucket{le="1800"}')).toBe(accepted);
});

test("labels and help texts are escaped", () => {
  const text = formatExposition([
    {
      name: "odd",
      type: "gauge",
      help: "two\nlines \\",
      samples: [{ labels: { a: 'say "no\\"\n', b: "" }, value: 1e-7 }],
    },
  ]);
  expect(text).toBe(
    [
      "# HELP odd two\\nlines \\\\",
      "# TYPE odd gauge",
      'odd{a="say \\"no\\\\\\"\\n",b=""} 1e-7',
      "",
    ].join("\n"),
  );
});

test("a pause shows as a state, and requests without the password get nothing", async () => {
  await using server = await startServer({}, { env: { BROOD_DASHBOARD_PASSWORD: "s3cret" } });
  const headers = { Authorization: `Basic ${btoa("prometheus:s3cret")}` };
  expect((await request(server, "metrics")).status).toBe(401);
  await request(server, "api/pause", { method: "POST", headers });
  const { text } = await request(server, "metrics", { headers });
  expect(text).toContain('brood_state{state="accepting"} 0\nbrood_state{state="paused"} 1\n');
});

interface Panel {
  id: number;
  title: string;
  targets?: { expr: string; refId: string }[];
}

test("the Grafana dashboard uses only metrics that exist", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  await served.askTime();
  await until(async () => (await scrape(server)).has("brood_event_loop_delay_seconds"), "a second");
  const names = new Set([...(await scrape(server)).keys()].map((key) => key.replace(/\{.*/, "")));

  const { panels, templating } = (await Bun.file(
    join(ROOT, "dashboard/charts/grafana.json"),
  ).json()) as {
    panels: Panel[];
    templating: { list: { name: string; type: string }[] };
  };
  expect(templating.list.map(({ name, type }) => `${name}: ${type}`)).toEqual([
    "datasource: datasource",
    "instance: query",
  ]);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const wanted = panels.flatMap(({ title, targets = [] }) =>
    targets.flatMap(({ expr }) =>
      (expr.match(/\b(?:brood|process)_\w+/g) ?? []).map((name) => ({ title, name })),
    ),
  );
  expect(wanted.length).toBeGreaterThan(30);
  expect(wanted.filter(({ name }) => !names.has(name))).toEqual([]);
});
