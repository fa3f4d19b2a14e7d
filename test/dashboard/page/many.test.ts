/** More children than anyone reads: the page shows some of them, with links to the others. */
import { expect, test } from "bun:test";
import { startServer } from "../../harness/server.ts";
import { until } from "../../harness/until.ts";
import { connectManyServed } from "../../harness/served-client.ts";
import { select, textOf } from "../markup.ts";
import { openEvents } from "../events.ts";
import { request } from "../request.ts";

test("of many children one page is shown, with links to the others, and all are counted", async () => {
  await using server = await startServer({ maxPerSource: 1000 });
  await using servedClients = await connectManyServed(server, 123);
  const ids = servedClients.all.map(({ id }) => `row-${id}`);
  const page = async (query = "") => (await request(server, `/${query}`)).text;
  const rowsOf = (html: string) => select(html, "#rows tr").map(({ attributes }) => attributes.id);
  const links = (html: string) =>
    select(html, "#pages a[id^=page]").map(({ attributes }) => [attributes.id, attributes.href]);

  const first = await page();
  expect(rowsOf(first)).toEqual(ids.slice(0, 100));
  expect(textOf(first, "#pages .range")).toBe("1–100 of 123");
  expect(links(first)).toEqual([
    ["page-next", "/?from=101"],
    ["page-last", "/?from=101"],
  ]);
  expect(textOf(first, "#tree")).toContain("server---123*[server]");
  expect(await page("pstree")).toEndWith("---server---123*[server]\n");
  const all = JSON.parse(await page("api/children")) as unknown[];
  expect(all).toHaveLength(123);

  const second = await page("?rows=50&from=51");
  expect(rowsOf(second)).toEqual(ids.slice(50, 100));
  expect(links(second)).toEqual([
    ["page-first", "/?rows=50"],
    ["page-previous", "/?rows=50"],
    ["page-next", "/?from=101&rows=50"],
    ["page-last", "/?from=101&rows=50"],
  ]);
  for (const from of [101, 124, 999_999]) {
    const last = await page(`?rows=50&from=${from}`);
    expect([from, rowsOf(last)]).toEqual([from, ids.slice(100)]);
    expect(textOf(last, "#pages .range")).toBe("101–123 of 123");
    expect(links(last).map(([id]) => id)).toEqual(["page-first", "page-previous"]);
  }

  const last = servedClients.all.at(-1);
  const found = await page(`?filter=${last?.address}`);
  expect(rowsOf(found)).toEqual([`row-${last?.id}`]);
  expect(links(found)).toEqual([]);
  const sorted = await page("?rows=50&sort=pid&dir=desc&from=101");
  // Not the order of arrival, if the kernel has wrapped around to the lowest PIDs in between.
  const byPid = servedClients.all.toSorted((one, other) => other.pid - one.pid);
  expect(rowsOf(sorted)).toEqual(byPid.slice(100).map(({ id }) => `row-${id}`));
});

test("the table has the selected columns, and always the PID", async () => {
  await using server = await startServer();
  await using servedClients = await connectManyServed(server, 1);
  const [served] = servedClients.all;
  const { text } = await request(server, "/?cols=source,id,requests&sort=memory");
  expect(select(text, "thead th").map(({ attributes }) => attributes["data-column"])).toEqual([
    undefined,
    "pid",
    "id",
    "source",
    "requests",
    undefined,
  ]);
  expect(select(text, "#rows td").map(({ attributes }) => attributes["data-label"])).toEqual([
    undefined,
    "ID",
    "Source",
    "Requests",
    undefined,
  ]);
  expect(textOf(text, "#rows .id")).toBe(`${served?.id}`);
  expect(textOf(text, "#rows .source")).toBe("127.0.0.1");
  expect(textOf(text, "#rows th a")).toBe(`${served?.pid}`);
});

test("a stream sends the rows of its page only, and the next row when a child on it leaves", async () => {
  await using server = await startServer({ maxPerSource: 1000 });
  await using servedClients = await connectManyServed(server, 103);
  const ids = servedClients.all.map(({ id }) => id);
  await using stream = await openEvents(server, { query: "?rows=50&from=51" });
  const sentOrder = () => {
    const sent = stream.messages.filter(({ event }) => event === "rows").at(-1);
    return select(sent?.data ?? "", "tbody")[0]?.attributes["data-order"]?.split(" ");
  };
  await until(() => sentOrder()?.length === 50, "the rows of the page have been sent");
  expect(sentOrder()).toEqual(ids.slice(50, 100));
  const first = await stream.next("rows");
  // Otherwise the page would show the children that are not on it as ended.
  expect(select(first.data, "tbody")[0]?.attributes["data-complete"]).toBe("false");

  // A child before the page ends: all rows move up by one, and only one row is new.
  await servedClients.all[0]?.quit();
  await until(() => sentOrder()?.[0] === ids[51], "the page starts with the next row");
  expect(sentOrder()).toEqual(ids.slice(51, 101));
  await stream.next("rows", ({ data }) => select(data, `#row-${ids[100]}`).length === 1);
  const rows = stream.messages.filter(({ event }) => event === "rows");
  const strangers = new Set(ids.slice(0, 50).concat(ids.slice(101)));
  const sent = rows.flatMap(({ data }) => select(data, "tr"));
  expect(sent.filter(({ attributes }) => strangers.has(attributes.id?.slice(4) ?? ""))).toEqual([]);
});

test("a tab with a slow refresh rate gets fewer messages, misses no change, and gets heartbeats", async () => {
  await using server = await startServer();
  await using servedClients = await connectManyServed(server, 1);
  await using seldom = await openEvents(server, { query: "?every=5" });
  await using always = await openEvents(server);
  const of = ({ messages }: typeof seldom, name: string) =>
    messages.filter(({ event }) => event === name);
  await until(() => of(seldom, "rows").length > 0, "the first rows are sent immediately");
  for (let i = 0; i < 5; i += 1) {
    const sent = of(always, "log").length;
    await servedClients.all[0]?.askTime();
    await until(() => of(always, "log").length > sent, "the other tab has the entry");
  }
  await seldom.next("heartbeat");
  const entries = (stream: typeof seldom) =>
    of(stream, "log").flatMap(({ data }) => select(data, "li")).length;
  await until(() => entries(seldom) >= entries(always), "everything has been sent in the end");
  expect(of(seldom, "log").length).toBeLessThan(of(always, "log").length);
});
