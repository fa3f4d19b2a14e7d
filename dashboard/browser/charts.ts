/**
 * The charts of a page. Each `<div data-charts="/api/series?range=5m" data-every="1000">` says
 * where the points of the charts in it come from, and how often they are polled, in ms; without
 * `data-every` they are fetched once. Nothing is polled while the page is hidden.
 *
 * The response is JSON: `{ from, to, at: [ms, …], series: { NAME: [number or null, …] }, ended? }`.
 * Later requests have `after=MS`, and their responses need only the points from then on; `ended:
 * true` says that there will be no more. A chart's table is fetched anew when it is opened.
 */
import { type Chart, drawChart } from "./chart.ts";
import { watchPageShortcuts } from "./page-shortcuts.ts";
import { createPointFetcher } from "./points.ts";
import { localize } from "./time.ts";

/**
 * What the page says about its charts. failing: the server does not respond. ended:
 * there will be no more points.
 */
type State = "live" | "paused" | "failing" | "ended";

/**
 * fetching: a request is in progress. waiting: until the next one is due. done: no more requests.
 */
type Phase = "fetching" | "waiting" | "done";

const MIN_RETRY_INTERVAL_MS = 2000;

localize(document);
// A child's page also loads page.js, which watches the shortcuts itself.
if (document.querySelector("main.charts") !== null) watchPageShortcuts();
for (const root of document.querySelectorAll<HTMLElement>("[data-charts]")) {
  pollCharts(root);
  renewOpenedTables(root);
}

function pollCharts(root: HTMLElement): void {
  const charts = drawCharts(root);
  const { charts: path = "", every } = root.dataset;
  const intervalMs = every === undefined ? null : Number(every);
  const fetchPoints = createPointFetcher(path);
  let phase: Phase = "waiting";
  let dueAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isPaused = false;

  async function poll(): Promise<void> {
    if (phase !== "waiting" || isPaused || document.hidden) return;
    phase = "fetching";
    clearTimeout(timer);
    const state = await update().catch((): State => "failing");
    if (!isPaused) root.dataset.state = state;
    const waitMs = msUntilNextPoll(state, intervalMs);
    if (waitMs === null) {
      phase = "done";
      return;
    }
    phase = "waiting";
    dueAt = performance.now() + waitMs;
    timer = setTimeout(poll, waitMs);
  }

  async function update(): Promise<State> {
    const { points, ended } = await fetchPoints();
    for (const chart of charts) chart.update(points);
    return ended ? "ended" : "live";
  }

  const button = root.querySelector<HTMLButtonElement>("button[data-pause]");
  if (button !== null) {
    button.hidden = false;
    button.addEventListener("click", () => {
      isPaused = !isPaused;
      button.setAttribute("aria-pressed", String(isPaused));
      if (isPaused) root.dataset.state = "paused" satisfies State;
      else void poll();
    });
  }
  document.addEventListener("visibilitychange", () => {
    if (performance.now() >= dueAt) void poll();
  });
  void poll();
}

/** Returns null if no more points are to be fetched. */
function msUntilNextPoll(state: State, intervalMs: number | null): number | null {
  if (state === "ended") return null;
  return state === "failing" ? Math.max(MIN_RETRY_INTERVAL_MS, intervalMs ?? 0) : intervalMs;
}

/** Draws the charts in `root`; a point selected in one of them is shown in all. */
function drawCharts(root: HTMLElement): readonly Chart[] {
  const figures = [...root.querySelectorAll<HTMLElement>("figure.chart")];
  const charts: Chart[] = [];
  for (const [index, figure] of figures.entries()) {
    const selectInOthers = (at: number | null) => {
      for (const [other, chart] of charts.entries()) if (other !== index) chart.select(at);
    };
    charts.push(drawChart(figure, selectInOthers));
  }
  return charts;
}

function renewOpenedTables(root: HTMLElement): void {
  root.addEventListener(
    "toggle",
    ({ target }) => {
      if (target instanceof HTMLDetailsElement && target.open) void renewTable(target);
    },
    { capture: true }, // toggle events do not bubble
  );
}

/**
 * Replaces a table by its current version on the server; if that fails, the table stays as it is.
 */
async function renewTable(table: HTMLDetailsElement): Promise<void> {
  const response = await fetch(location.href).catch(() => null);
  if (response === null || !response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const current = page.getElementById(table.id);
  if (current !== null) table.replaceChildren(...localize(current).childNodes);
}
