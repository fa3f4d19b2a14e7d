/** Debian's Prometheus, started as an operator would, scraping a brood. */
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cleanEnvironment, readText, ROOT } from "../../harness/run.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { until, untilEqual } from "../../harness/until.ts";
import { connectManyServed } from "../../harness/served-client.ts";
import { urlOf } from "../request.ts";

interface Prometheus extends AsyncDisposable {
  /** Returns what its API responds to a path below /api/v1/. */
  ask<Data>(path: string): Promise<Data>;
  /** Returns the value of an expression; undefined if it has none. */
  value(expression: string): Promise<number | undefined>;
}

const PASSWORD = "Tr0ub4dor & 3: ünïcode";

/**
 * Starts a Prometheus that scrapes the server every second, with its data
 * in a directory of its own.
 */
async function startPrometheus(server: Server): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), "test-prometheus-"));
  writeFileSync(join(folder, "password"), PASSWORD);
  writeFileSync(join(folder, "prometheus.yml"), scrapeConfig(server, folder));
  const child = Bun.spawn({
    cmd: [
      "prometheus",
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      "--web.listen-address=127.0.0.1:0",
    ],
    env: cleanEnvironment(),
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  const read = readText(child.stderr, (text) => void (said += text));
  const address = await until(
    () => {
      if (child.exitCode !== null) throw new Error(`Prometheus did not start: ${said}`);
      return /Listening on" address=(\S+)/.exec(said)?.[1];
    },
    () => `Prometheus listens; it says ${said}`,
  );

  await until(
    async () => (await fetch(`http://${address}/-/ready`)).ok,
    () => `Prometheus is ready; it says ${said}`,
  );

  async function ask<Data>(path: string): Promise<Data> {
    const response = await fetch(`http://${address}/api/v1/${path}`);
    const { data, error } = (await response.json()) as { data: Data; error?: string };
    if (error !== undefined) throw new Error(`${path}: ${error}`);
    return data;
  }

  return {
    ask,
    async value(expression) {
      const query = new URLSearchParams({ query: expression });
      const { result } = await ask<{ result: { value: [number, string] }[] }>(`query?${query}`);
      return result[0] === undefined ? undefined : Number(result[0].value[1]);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.exited;
      await read;
      rmSync(folder, { recursive: true });
    },
  };
}

/** As in the README, but with a shorter interval. */
function scrapeConfig(server: Server, folder: string): string {
  const job = {
    job_name: "brood",
    scrape_interval: "1s",
    scrape_timeout: "1s",
    basic_auth: { username: "prometheus", password_file: join(folder, "password") },
    static_configs: [{ targets: [urlOf(server, "/").host] }],
  };
  return JSON.stringify({ scrape_configs: [job] }); // JSON is valid YAML
}

interface Targets {
  activeTargets: { health: string; lastError: string }[];
}

async function startBoth() {
  await using stack = new AsyncDisposableStack();
  const env = { BROOD_DASHBOARD_PASSWORD: "operate", BROOD_DASHBOARD_WATCH_PASSWORD: PASSWORD };
  const server = stack.use(await startServer({ maxClients: 7 }, { env }));
  const prometheus = stack.use(await startPrometheus(server));
  let targets: Targets["activeTargets"] = [];
  await until(
    async () => {
      ({ activeTargets: targets } = await prometheus.ask<Targets>("targets"));
      return targets[0]?.health === "up";
    },
    () => `the target is up; ${Bun.inspect(targets)}`,
  );
  const kept = stack.move();
  return { server, prometheus, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

test("Prometheus scrapes the metrics with the read-only password", async () => {
  await using both = await startBoth();
  const { server, prometheus } = both;
  await untilEqual(() => prometheus.value("brood_live_clients"), 0);
  await using servedClients = await connectManyServed(server, 3);
  await untilEqual(() => prometheus.value("brood_live_clients"), 3);
  await untilEqual(() => prometheus.value("brood_max_clients - brood_live_clients"), 4);
  await servedClients.all[0]?.quit();
  await untilEqual(() => prometheus.value('brood_ended_total{reason="quit"}'), 1);
  await until(
    async () => ((await prometheus.value("rate(brood_accepted_total[1m])")) ?? 0) > 0,
    "there is a rate of clients",
  );
});

interface Panel {
  title: string;
  targets?: { expr: string }[];
}

test("Prometheus runs every query of the Grafana dashboard, and only rare events have no data", async () => {
  await using both = await startBoth();
  const { server, prometheus } = both;
  await using servedClients = await connectManyServed(server, 2);
  for (const served of servedClients.all) await served.quit();
  await untilEqual(() => prometheus.value("sum(brood_ended_total)"), 2);
  await until(
    () => prometheus.value("brood_event_loop_delay_seconds"),
    "the delay of the last minute is known",
  );

  const { panels } = (await Bun.file(join(ROOT, "dashboard/charts/grafana.json")).json()) as {
    panels: Panel[];
  };
  const withoutData: string[] = [];
  for (const { title, targets = [] } of panels) {
    for (const { expr } of targets) {
      // What Grafana substitutes for its variables.
      const query = expr.replaceAll("$instance", ".+").replaceAll("$__rate_interval", "1m");
      if ((await prometheus.value(query)) === undefined) withoutData.push(title);
    }
  }
  expect(withoutData).toEqual(["Refused per second, by reason", "Signals and warnings"]);
});
