/** The page over HTTP: complete without a script, and as the query asks for it. */
import { ko } from "../../../dashboard/texts/ko.ts";
import { describe, expect, test } from "bun:test";
import { type Server, startServer } from "../../harness/server.ts";
import { shareServers } from "../../harness/shared-server.ts";
import { until } from "../../harness/until.ts";
import { openEvents } from "../events.ts";
import { connectServed, connectManyServed } from "../../harness/served-client.ts";
import { select, textOf } from "../markup.ts";
import { request } from "../request.ts";

const sharedServer = shareServers();

async function load(server: Server, query = ""): Promise<string> {
  const { status, headers, text } = await request(server, `/${query}`);
  expect(status).toBe(200);
  expect(headers.get("content-type")).toStartWith("text/html");
  return text;
}

/** Returns the IDs of the rows, in their order. */
function rowIds(html: string): string[] {
  return select(html, "#rows > tr").map(({ attributes }) =>
    (attributes.id ?? "").replace(/^row-/, ""),
  );
}

describe("without script", () => {
  test("the page has the master, the tree, a row for each child, and the log", async () => {
    await using server = await startServer();
    await using servedClients = await connectManyServed(server, 3);
    const html = await load(server);
    expect(html).toStartWith("<!DOCTYPE html>");
    const figures = select(html, "#master dd").map(({ text }) => text);
    expect(figures.slice(0, 3)).toEqual([`PID ${server.pid}`, `127.0.0.1:${server.port}`, "time"]);
    expect(figures.slice(4)).toEqual(["3", "3", "3", "0"]);
    expect(textOf(html, "#tree code")).toEndWith("---server---3*[server]");
    expect(rowIds(html)).toEqual(servedClients.all.map(({ id }) => id));
    for (const { id, pid, address } of servedClients.all) {
      expect(textOf(html, `#row-${id} th`)).toBe(String(pid));
      expect(textOf(html, `#row-${id} td.client`)).toBe(address);
      expect(textOf(html, `#row-${id} td.state`)).toBe("serving");
      const links = select(html, `#row-${id} a`).map(({ attributes }) => attributes.href);
      const path = `/children/${id}`;
      expect(links).toEqual([path, `${path}/kill?signal=TERM`, `${path}/kill`]);
    }
    const entries = select(html, "#log li");
    const numbers = entries.map(({ attributes }) => Number(attributes["data-seq"]));
    expect(numbers).toEqual(server.log.map((_, index) => index + 1));
    expect(textOf(html, "#log")).toContain("client connected");
  });

  test("an empty table says whether there are no clients or the filter matches none", async () => {
    const server = await sharedServer();
    const empty = await load(server);
    expect(rowIds(empty)).toEqual([]);
    expect(textOf(empty, "#empty")).toStartWith("No clients.");
    expect(select(empty, "#pages *")).toEqual([]);
    await using _guest = await connectServed(server);
    const none = await load(server, "?filter=xyzzy");
    expect(rowIds(none)).toEqual([]);
    expect(textOf(none, "#empty")).toBe("None of the 1 children matches “xyzzy”.");
    expect(select(none, "#pages *")).toEqual([]);
  });

  test("headings are links that sort, and reverse the order when followed again", async () => {
    const server = await sharedServer();
    await using quiet = await connectServed(server);
    await using busy = await connectServed(server);
    await busy.askTime(2);
    await until(() => server.events("request").length === 2, "the requests have been logged");
    const follow = async (html: string) => {
      const [link] = select(html, "#sort-out");
      return load(server, link?.attributes.href?.slice(1));
    };
    const once = await follow(await load(server));
    expect(rowIds(once)).toEqual([busy.id, quiet.id]);
    expect(select(once, "th[aria-sort]").map(({ attributes }) => attributes)).toEqual([
      expect.objectContaining({ "data-column": "out", "aria-sort": "descending" }),
    ]);
    const twice = await follow(once);
    expect(rowIds(twice)).toEqual([quiet.id, busy.id]);
    expect(select(twice, "th[aria-sort]")[0]?.attributes["aria-sort"]).toBe("ascending");
  });

  test("the filter searches PID, address, state and last command, ignoring case", async () => {
    const server = await sharedServer();
    await using first = await connectServed(server);
    await using second = await connectServed(server);
    await second.client.send("Frobnicate\n");
    await server.event("request");
    const found = async (filter: string) =>
      rowIds(await load(server, `?filter=${encodeURIComponent(filter)}`));
    expect(await found(`${first.pid} 127`)).toEqual([first.id]);
    expect(await found(first.address)).toEqual([first.id]);
    expect(await found("fROB")).toEqual([second.id]);
    expect(await found("  serving ")).toEqual([first.id, second.id]);
    expect(await found(".*")).toEqual([]);
    expect(await found("x".repeat(5000))).toEqual([]);
  });

  test("the tree's options are in the query", async () => {
    const server = await sharedServer();
    await using served = await connectServed(server);
    await using other = await connectServed(server);
    const first = Math.min(served.pid, other.pid);
    const tree = async (query: string) => textOf(await load(server, query), "#tree code");
    expect(await tree("?charset=utf8")).toEndWith("───server───2*[server]");
    expect(await tree("?pids=1")).toContain(`server(${server.pid})-+-server(${first})`);
    expect((await tree("?compact=0")).split("\n")).toHaveLength(2);
    expect(await tree("?scope=host&pids=1")).toMatch(/^\S+\(1\)/);
  });

  test("invalid values in the query are ignored", async () => {
    const server = await sharedServer();
    await using servedClients = await connectManyServed(server, 2);
    const nonsense =
      "?sort=constructor&dir=up&scope=all&charset=x&compact=2&pids=on&paused=no&a[]=1";
    const html = await load(server, nonsense);
    expect(rowIds(html)).toEqual(servedClients.all.map(({ id }) => id));
    expect(textOf(html, "#tree code")).toEndWith("---server---2*[server]");
    const [stream] = select(html, "[id^=stream-]");
    expect(stream?.attributes["hx-sse:connect"]).toBe("/events");
  });
});

describe("what a client sends", () => {
  const HOSTILE = [
    "<script>alert(1)</script>",
    `"'><img src=x onerror=alert(1)>`,
    `</li></ol></td></tr></table><h1 id=own>x`,
    `" hx-get="/children/1/kill" hx-trigger="load" x="`,
    "<hx-partial hx-target=body>owned</hx-partial>",
    "&lt;b&gt; &#60;i&#62; &copy;",
    "\x1b]0;owned\x07\x1b[2J\x9b31m\x00\x7f\x08",
    "\xe2\x80\xae\xe2\x81\xa6evil\xe2\x80\xac\xe2\x80\x8f\xef\xbb\xbf", // bidi, zero width
    "\xff\xfe\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80", // invalid UTF-8; ff fe is no telnet command either
    "data: x event: log id: 1 retry: 1",
    "\x0b\x0c\xc2\x85\xe2\x80\xa8\xe2\x80\xa9id: 9", // everything else that some programs take for a new line
    "]]>--><!--{{7*7}}${7*7}",
  ];

  /**
   * Control characters except newline, and characters that reorder or hide the text around them.
   */
  const UNSAFE = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\ufffd]/u;

  test("is shown as text: in the page, the question, the stream and the JSON", async () => {
    await using server = await startServer();
    await using served = await connectServed(server);
    await using stream = await openEvents(server);
    const shown: string[] = [];
    for (const [index, text] of HOSTILE.entries()) {
      await served.client.send(`${text}\r\n`);
      await until(() => server.events("request").length > index, "it is the last command");
      shown.push(await load(server));
      shown.push((await request(server, `/children/${served.id}/kill`)).text);
    }
    const newest = `data-seq="${server.log.length}"`;
    await stream.next("log", ({ data }) => data.includes(newest));
    shown.push(stream.messages.map(({ data }) => data).join("\n"));

    for (const html of shown) {
      expect(UNSAFE.exec(html)).toBeNull();
      expect(select(html, "img, h1#own, script:not([src]), [onerror]")).toEqual([]);
      expect(select(html, "[x], [hx-get^='/children'], hx-partial[hx-target=body]")).toEqual([]);
      expect(html).not.toMatch(/<(?:b|i|img|script)>/);
    }
    const names = new Set(stream.messages.map(({ event }) => event));
    expect([...names].sort()).toEqual(["", "log", "rows", "tree"]);
    const json = (await request(server, "/api/children")).text;
    expect(UNSAFE.exec(json)).toBeNull();
    expect(JSON.parse(json)[0]).toMatchObject({ lastCommand: HOSTILE.at(-1) });
  });

  test("is reported unchanged, and readable", async () => {
    const server = await sharedServer();
    await using served = await connectServed(server);
    await served.client.send(`<b>"bold" & 'brave'</b> \xc3\xa9\x1b[1m\n`);
    await server.event("request");
    const html = await load(server);
    const wanted = `<b>"bold" & 'brave'</b> é\\x1b[1m`;
    expect(textOf(html, "td.command")).toBe(wanted);
    expect(select(html, "td.command")[0]?.attributes.title).toBe(wanted);
    expect(textOf(html, "#log")).toContain(`invalid command: ${wanted}`);
  });
});

test("text from the query is shown as text, too", async () => {
  const server = await sharedServer();
  await using _guest = await connectServed(server);
  const filter = `"><script>alert(1)</script><img src=x onerror=alert(1)>`;
  const html = await load(server, `?filter=${encodeURIComponent(filter)}`);
  expect(select(html, "script:not([src]), img, [onerror]")).toEqual([]);
  expect(select(html, "#filter")[0]?.attributes.value).toBe(filter);
  const text = textOf(html, "#empty");
  expect(text).toBe(`None of the 1 children matches “${filter}”.`);
});

describe("the probes", () => {
  test("a server that accepts clients is alive and ready", async () => {
    const server = await sharedServer();
    expect(await request(server, "/healthz")).toMatchObject({ status: 200, text: "ok\n" });
    expect(await request(server, "/readyz")).toMatchObject({ status: 200, text: "accepting\n" });
  });

  test("a stopping server is alive but not ready, and its page still works", async () => {
    await using server = await startServer();
    await using served = await connectServed(server);
    await served.freeze();
    server.signal("SIGTERM");
    await server.event("stopping");
    expect(await request(server, "/healthz")).toMatchObject({ status: 200, text: "ok\n" });
    expect(await request(server, "/readyz")).toMatchObject({ status: 503, text: "stopping\n" });
    expect(rowIds(await load(server))).toEqual([served.id]);
    process.kill(served.pid, "SIGCONT");
    expect(await server.exited()).toBe(0);
  });
});

describe("the files of the page", () => {
  test("each file that the page links to exists, has its type, and is sent again only if changed", async () => {
    const server = await sharedServer();
    const html = await load(server);
    const named = [...select(html, "script"), ...select(html, "link")];
    const paths = named.map(({ attributes }) => attributes.src ?? attributes.href ?? "");
    expect(paths).toContain("/assets/page.js");
    for (const path of paths) {
      const { status, headers, text } = await request(server, path);
      expect([path, status, text.length > 0]).toEqual([path, 200, true]);
      expect(headers.get("content-type")).toMatch(/^(text\/(javascript|css)|image\/svg\+xml)/);
      const again = await request(server, path, {
        headers: { "If-None-Match": headers.get("etag") ?? "" },
      });
      expect([path, again.status, again.text]).toEqual([path, 304, ""]);
    }
  });

  test("an unknown address gets a page for people, in their language", async () => {
    const server = await sharedServer();
    const headers = { Accept: "text/html,*/*", "Accept-Language": "ko" };
    const { status, text } = await request(server, "/nowhere", { headers });
    expect(status).toBe(404);
    expect(text).toContain('<html lang="ko">');
    expect(text).toContain(ko.noPage);
    expect((await request(server, "/nowhere")).text).toBe("Not Found\n");
  });

  test("no other file is served", async () => {
    const server = await sharedServer();
    for (const path of [
      "/assets/",
      "/assets/page.ts",
      "/assets/..%2fapp.tsx",
      "/assets/%2e%2e/guard.ts",
      "/assets/__proto__",
      "/package.json",
      "/dashboard/page.css",
      "/children",
      "/api",
    ]) {
      const { status } = await request(server, path);
      expect([path, status]).toEqual([path, 404]);
    }
  });
});
