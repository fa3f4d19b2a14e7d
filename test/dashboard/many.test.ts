/** More children than anyone reads: the page shows some, and the rest can be found. */
import { expect, test } from "bun:test";
import { startServer } from "../harness/server.ts";
import { until } from "../harness/until.ts";
import { welcomeMany } from "./guest.ts";
import { select, textOf } from "./markup.ts";
import { openEvents } from "./events.ts";

test("of many children some are shown, all are counted, and the filter finds the others", async () => {
  await using server = await startServer({ maxPerSource: 1000 });
  await using guests = await welcomeMany(server, 203);
  const page = async (query = "") => await (await fetch(`${server.url}${query}`)).text();

  const html = await page();
  expect(select(html, "#rows tr")).toHaveLength(200);
  expect(textOf(html, "#none")).toBe("These are 200 of 203 children. The filter finds the others.");
  expect(textOf(html, "#tree")).toContain("server---203*[server]");
  expect(await (await fetch(`${server.url}pstree`)).text()).toEndWith("---server---203*[server]\n");
  const all = (await (await fetch(`${server.url}api/children`)).json()) as unknown[];
  expect(all).toHaveLength(203);

  const last = guests.all.at(-1);
  const found = await page(`?filter=${last?.pid}`);
  expect(select(found, "#rows tr").map(({ text }) => text)).toEqual([
    expect.stringContaining(`${last?.address}`),
  ]);
});

test("a stream tells of as many rows, and of the next one when a shown child leaves", async () => {
  await using server = await startServer({ maxPerSource: 1000 });
  await using guests = await welcomeMany(server, 202);
  const ids = guests.all.map(({ id }) => id);
  await using stream = await openEvents(server);
  const orderTold = () => {
    const told = stream.messages.filter(({ event }) => event === "rows").at(-1);
    return select(told?.data ?? "", "tbody")[0]?.attributes["data-order"]?.split(" ");
  };
  await until(() => orderTold()?.length === 200, "the first rows are told");
  expect(orderTold()).toEqual(ids.slice(0, 200));
  const first = await stream.next("rows");
  // Else the page would take the children that are not shown for ended.
  expect(select(first.data, "tbody")[0]?.attributes["data-whole"]).toBe("false");

  await guests.all[0]?.quit();
  await until(() => orderTold()?.[0] === ids[1], "its row is no longer in the order");
  expect(orderTold()).toEqual(ids.slice(1, 201));
  await stream.next("rows", ({ data }) => select(data, `#row-${ids[200]}`).length === 1);
});
