/**
 * The charts of a page. Each `<div data-charts="/api/series?range=5m" data-every="1000">` says where
 * the points of the charts in it come from, and how often (ms) they are asked for again; without
 * `data-every` they are asked for once. Nothing is asked for while nobody can see it.
 *
 * The answer is JSON: `{ from, to, at: [ms, …], series: { NAME: [number or null, …] }, ended? }`. The
 * next is asked for with `after=MS`, and need hold only the points from there on; `ended: true` tells
 * that none will come. A table is renewed when it is opened.
 */
import { type Chart, drawChart, type Points } from "./chart.ts";
import { watchPageShortcuts } from "./page-shortcuts.ts";
import { localize } from "./time.ts";

/** live: newest points. paused: by the reader. failing: the server did not answer. ended: all there is. */
type State = "live" | "paused" | "failing" | "ended";

interface Answer extends Points {
  ended?: boolean;
}

/** How long (ms) an answer may take, and the least time after one that did not come. */
const PATIENCE = 8000;
const RETRY = 2000;

localize(document);
// The page of a child has the other script, too.
if (document.querySelector("main.charts") !== null) watchPageShortcuts();
for (const place of document.querySelectorAll<HTMLElement>("[data-charts]")) followCharts(place);

function followCharts(place: HTMLElement): void {
  const figures = [...place.querySelectorAll<HTMLElement>("figure.chart")];
  // What is pointed at in one is shown in all.
  const charts: readonly Chart[] = figures.map((figure, index) =>
    drawChart(figure, (at) => {
      for (const [other, chart] of charts.entries()) if (other !== index) chart.point(at);
    }),
  );
  const { charts: source = "", every } = place.dataset;
  const button = place.querySelector<HTMLButtonElement>("button[data-pause]");
  let points: Points | undefined;
  let paused = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = false;
  let due = 0;

  async function ask(): Promise<void> {
    if (asking || paused || document.hidden) return;
    asking = true;
    clearTimeout(timer);
    const state = await fetchPoints().catch((): State => "failing");
    asking = false;
    if (!paused) setState(state);
    if (state === "ended" || (state === "live" && every === undefined)) return;
    const wait = state === "failing" ? Math.max(RETRY, Number(every ?? 0)) : Number(every);
    due = performance.now() + wait;
    timer = setTimeout(ask, wait);
  }

  async function fetchPoints(): Promise<State> {
    const url = new URL(source, location.href);
    const last = points?.at.at(-1);
    if (last !== undefined) url.searchParams.set("after", String(last));
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error(`${url.pathname} answered ${answer.status}`);
    const { ended, ...news } = (await answer.json()) as Answer;
    points = points === undefined ? news : merge(points, news);
    for (const chart of charts) chart.update(points);
    return ended === true ? "ended" : "live";
  }

  function setState(state: State): void {
    place.dataset.state = state;
  }

  place.addEventListener(
    "toggle",
    (event) => {
      const { target } = event;
      if (target instanceof HTMLDetailsElement && target.open) void renew(target);
    },
    { capture: true }, // it does not bubble
  );
  button?.addEventListener("click", () => {
    paused = !paused;
    button.setAttribute("aria-pressed", String(paused));
    if (paused) setState("paused");
    else void ask();
  });
  if (button !== null) button.hidden = false;
  document.addEventListener("visibilitychange", () => {
    if (performance.now() >= due) void ask();
  });
  void ask();
}

/** Takes what a table of this page says by now; if there is none to be had, it stays as it was. */
async function renew(table: HTMLDetailsElement): Promise<void> {
  const answer = await fetch(location.href).catch(() => null);
  if (answer === null || !answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const news = page.getElementById(table.id);
  if (news !== null) table.replaceChildren(...localize(news).childNodes);
}

/** The points so far and those that came: from the first of them on, they are the newer ones. */
function merge(points: Points, news: Points): Points {
  const first = news.at[0] ?? Number.POSITIVE_INFINITY;
  const begin = points.at.findIndex((at) => at >= news.from);
  const keep = points.at.findIndex((at) => at >= first);
  const end = keep === -1 ? points.at.length : keep;
  const start = begin === -1 ? end : begin;
  return {
    ...news,
    at: [...points.at.slice(start, end), ...news.at],
    series: Object.fromEntries(
      Object.entries(news.series).map(([name, values]) => [
        name,
        [...(points.series[name] ?? []).slice(start, end), ...values],
      ]),
    ),
  };
}
