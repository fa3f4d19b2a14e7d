/** The page is in the browser's language, in all its parts. */
import { describe, expect, test } from "bun:test";
import { en } from "../../../dashboard/texts/en.ts";
import { ko } from "../../../dashboard/texts/ko.ts";
import { GAP_KINDS, type LogEvent } from "../../../shared/log.ts";
import { startServer } from "../../harness/server.ts";
import { openEvents } from "../events.ts";
import { connectServed } from "../../harness/served-client.ts";
import { select, textOf } from "../markup.ts";
import { post, request } from "../request.ts";
import { END_REASONS, type RefuseReason, REFUSE_REASONS } from "../../../shared/outcome.ts";

const KOREAN = { "Accept-Language": "ko-KR,ko;q=0.9,en;q=0.8" };

describe("the language is the browser's", () => {
  const WISHES: readonly [string | undefined, "en" | "ko"][] = [
    [undefined, "en"],
    ["", "en"],
    ["ko", "ko"],
    ["KO-kr", "ko"],
    ["ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko"],
    ["en-GB,en;q=0.9,ko;q=0.8", "en"],
    ["en;q=0.3, ko;q=0.8", "ko"],
    ["ko;q=0.3, en;q=0.8", "en"],
    ["de-DE,de;q=0.9,ko;q=0.2", "ko"],
    ["fr, ja;q=0.5", "en"],
    ["ko;q=0", "en"],
    ["fr, ko;q=0, en;q=0.1", "en"],
    ["*", "en"],
    ["korean", "en"],
    ["constructor, __proto__;q=0.9", "en"],
    [",;q=x;;ko q,=", "en"],
  ];

  test("by its order and its q-values, and English if none of them is available", async () => {
    await using server = await startServer();
    for (const [wish, language] of WISHES) {
      const headers = wish === undefined ? {} : { "Accept-Language": wish };
      const { status, text } = await request(server, "/", { headers });
      const [html] = select(text, "html");
      expect([wish, status, html?.attributes.lang]).toEqual([wish, 200, language]);
      expect(textOf(text, "#log-title")).toBe(language === "ko" ? "로그" : "Log");
    }
  });

  test("in questions and answers, as pages and as parts of one", async () => {
    await using server = await startServer();
    await using served = await connectServed(server);
    const path = `/children/${served.id}/kill`;
    for (const headers of [KOREAN, { ...KOREAN, "HX-Request": "true" }]) {
      const menu = await request(server, path, { headers });
      expect(textOf(menu.text, "h2")).toBe(`PID ${served.pid}에 어떤 시그널을 보낼까요?`);
      const question = await request(server, `${path}?signal=STOP`, { headers });
      expect(textOf(question.text, "h2")).toBe(`PID ${served.pid}에 STOP 시그널을 보낼까요?`);
      const unknown = await request(server, "/children/none/kill", { headers });
      expect(textOf(unknown.text, ".outcome")).toBe("그런 자식 프로세스가 없습니다");
      const bad = await post(server, path, { signal: "USR1" }, headers);
      expect(textOf(bad.text, ".outcome")).toEndWith(". 아무것도 보내지 않았습니다");
    }
    const sent = await post(server, path, { signal: "KILL" }, KOREAN);
    const outcome = new RegExp(`^PID ${served.pid}: KILL 보냄, \\d+(?: ms|\\.\\d s) 후 종료됨$`);
    expect(textOf(sent.text, ".outcome")).toMatch(outcome);
    expect(select(sent.text, "html")[0]?.attributes.lang).toBe("ko");
  });

  test("in the stream: two viewers of one server, each in their own", async () => {
    await using server = await startServer();
    await using korean = await openEvents(server, { query: "?compact=0", language: "ko" });
    await using english = await openEvents(server, { query: "?compact=0", language: "en" });
    await using served = await connectServed(server);
    await using _other = await connectServed(server);
    const shown = [
      [korean, "서비스 중", "클라이언트 접속", "강제 종료", "거부된 접속이 없습니다."],
      [english, "serving", "client connected", "Kill", "No clients refused."],
    ] as const;
    for (const [stream, state, entry, kill, refused] of shown) {
      await stream.next("rows", ({ data }) => textOf(data, `#row-${served.id} .state`) === state);
      await stream.next("log", ({ data }) => data.includes(entry));
      await stream.next("tree", ({ data }) => textOf(data, ".kill").startsWith(`${kill}\n`));
      await stream.next("", ({ data }) => data.includes(refused));
    }
    await served.quit();
    await korean.next("rows", ({ data }) => data.includes("quit 명령"));
    await english.next("rows", ({ data }) => textOf(data, ".state").includes("quit"));
  });

  test("a filter for a state finds it in either language, so that a view can be shared", async () => {
    await using server = await startServer();
    await using served = await connectServed(server);
    for (const filter of ["서비스 중", "serving"]) {
      for (const headers of [{}, KOREAN]) {
        const query = `?filter=${encodeURIComponent(filter)}`;
        const { text } = await request(server, `/${query}`, { headers });
        expect(select(text, `#row-${served.id}`)).toHaveLength(1);
      }
    }
  });

  test("in the API it is English, whatever the client accepts", async () => {
    await using server = await startServer();
    const { text } = await request(server, "/api/master", { headers: KOREAN });
    const { confinement, limits } = JSON.parse(text);
    expect(confinement).toStartWith("children run as ");
    expect(limits).toContainEqual({ name: "rate", value: "none" });
    expect(limits).toContainEqual({ name: "max-clients", value: "1,000" });
  });
});

/** Arguments for texts that do not take just numbers. */
const SAMPLES: { [path: string]: readonly unknown[] } = {
  "time.duration": [75_000],
  "notice.paused": ["anna at 127.0.0.1"],
  "tree.failed": ["no /proc"],
  endReason: ["client left"],
  "limits.name": ["max-clients"],
  "limits.value": [{ kind: "none" }],
  "limits.confined": [
    {
      user: "nobody",
      group: "nogroup",
      ownUser: false,
      noOwnUserReason: "no cgroup",
      directory: "/",
      umask: "077",
      environment: [],
      maxFiles: 10,
      cpuSeconds: 90,
      maxProcesses: 64,
      maxFileBytes: 1e7,
      memoryBytes: 1e9,
      memoryBy: "polling",
      noCgroupReason: "no cgroup",
      network: "none",
      writable: ["W"],
      newPrivileges: true,
      gaps: GAP_KINDS.map((what) => ({ what, reason: "W" })),
    },
  ],
  "refused.reasons": ["too many clients"],
  "many.progress": [
    "TERM",
    {
      total: 9,
      waiting: 1,
      open: 1,
      outcomes: { gone: 3, "already ended": 1, stopped: 1, running: 1, "still there": 1 },
      cancelled: null,
    },
  ],
  "many.selection": ["selected on the page"],
  "many.requestedBy": ["anna at 127.0.0.1"],
  "many.cancelled": ["anna at 127.0.0.1"],
  "child.goneWhy": [{ maxSessions: 100_000, maxAgeMs: 86_400_000 }],
  "child.process.states": ["S (sleeping)"],
  "child.process.limitName": ["open files"],
  "history.scope": [{ file: null, retention: { maxSessions: 10_000, maxAgeMs: 86_400_000 } }],
  "history.reason": ["lost"],
  "history.audit.by": ["operator at 127.0.0.1"],
  "log.describe": [{ event: "warning", message: "x" }],
  "log.receipt": [{ by: "anna", sent: ["TERM"], outcome: "gone", ms: 1 }],
};

/** Returns every text of a language, by its path. */
function textsOf(texts: object, prefix = ""): [path: string, text: string][] {
  return Object.entries(texts).flatMap(([key, value]): [string, string][] => {
    const path = prefix + key;
    if (typeof value === "string") return [[path, value]];
    if (typeof value !== "function") return textsOf(value as object, `${path}.`);
    const result: unknown = value(...(SAMPLES[path] ?? [7, 5, 3]));
    return [[path, typeof result === "string" ? result : JSON.stringify(result)]];
  });
}

test("no text is left in English", () => {
  const english = new Map(textsOf(en));
  const same = textsOf(ko).filter(([path, text]) => english.get(path) === text);
  // Abbreviations and names are the same in both.
  expect(
    same.filter(
      ([, text]) => !/^([A-Z]+|p\d+|time|quit|cgroup|\d+ ms|PID \d+(: \d+)?)$/.test(text),
    ),
  ).toEqual([]);
});

const WHO = { id: "a-1", pid: 4711, remoteAddress: "127.0.0.1", remotePort: 5 };
const ENDED = {
  exitCode: 1,
  signal: null,
  ms: 75_000,
  servingMs: 1,
  firstReplyMs: 1,
  requests: 1,
  bytesIn: 10,
  bytesOut: 2000,
  cpuMs: 1,
  maxResidentBytes: 1,
  leftovers: 2,
};

/** One of each event, and more where the wording varies. */
const EVENTS: { [Name in LogEvent["event"]]: readonly Extract<LogEvent, { event: Name }>[] } = {
  listening: [{ event: "listening", host: "::1", port: 1, dashboard: null, pid: 2 }],
  confined: [{ event: "confined", ...(SAMPLES["limits.confined"]?.[0] as object) } as never],
  exposed: [{ event: "exposed", what: "W", to: "T" }],
  accepted: [{ event: "accepted", ...WHO, startedAt: 0, source: "10.0.0.9" }],
  refused: REFUSE_REASONS.map((reason) => ({ event: "refused", reason, detail: null, ...WHO })),
  "refusals not listed": [
    { event: "refusals not listed", count: 1234, reasons: { "too many clients": 1234 } },
  ],
  spawned: [
    { event: "spawned", spare: true, ...WHO },
    { event: "spawned", spare: false, ...WHO },
  ],
  serving: [{ event: "serving", ms: 1.25, ...WHO }],
  "first reply": [{ event: "first reply", ms: 12, ...WHO }],
  request: (["time", "quit", "invalid", "too-long"] as const).map((kind) => ({
    event: "request",
    kind,
    text: "X",
    command: "X",
    bytesIn: 1,
    bytesOut: 1,
    ...WHO,
  })),
  "requests not listed": [{ event: "requests not listed", count: 5, ...WHO }],
  printed: [{ event: "printed", text: "S", ...WHO }],
  "lines not listed": [{ event: "lines not listed", count: 5, ...WHO }],
  failed: [{ event: "failed", error: "E", ...WHO }],
  overdue: (["start", "first byte", "idle", "session", "leave"] as const).map((phase) => ({
    event: "overdue",
    phase,
    ms: 90_000,
    ...WHO,
  })),
  "signal sent": [
    { event: "signal sent", signal: "TERM", by: "operator at ::1", job: null, ...WHO },
  ],
  "signal outcome": (["gone", "stopped", "running", "still there"] as const).map((outcome) => ({
    event: "signal outcome",
    job: null,
    sent: ["TERM", "KILL"],
    by: "operator at ::1",
    outcome,
    ms: 5,
    leftovers: outcome === "gone" ? 2 : 0,
    ...WHO,
  })),
  ended: END_REASONS.map((reason) => ({ event: "ended", reason, ...ENDED, ...WHO })),
  warning: [{ event: "warning", message: "W" }],
  paused: [
    { event: "paused", reason: "out of descriptors (ulimit -n)", ms: 1000, by: null },
    { event: "paused", reason: "by operator at ::1", ms: null, by: "operator at ::1" },
  ],
  resumed: [{ event: "resumed", ms: 5000, by: "operator at ::1" }],
  "kill requested": [
    {
      event: "kill requested",
      job: "x-1",
      signal: "TERM",
      count: 3,
      selection: "W",
      by: "operator at ::1",
    },
  ],
  "kill cancelled": [
    {
      event: "kill cancelled",
      job: "x-1",
      signal: "TERM",
      count: 3,
      selection: "W",
      by: "operator at ::1",
    },
  ],
  "drain requested": [{ event: "drain requested", ms: 3_700_000, by: "operator at ::1" }],
  "wrong password": [
    { event: "wrong password", by: "operator at ::1", count: 1, ms: 0 },
    { event: "wrong password", by: "operator at ::1", count: 1234, ms: 4000 },
  ],
  reloaded: [
    { event: "reloaded", changed: [] },
    { event: "reloaded", changed: ["max-clients 1 → 2"] },
  ],
  draining: [{ event: "draining", left: 3, ms: 60_000 }],
  stopping: [{ event: "stopping", signal: "SIGTERM", live: 3 }],
  stopped: [{ event: "stopped", received: 3, accepted: 2, refused: 1 }],
};

/** Words that stay as they are in Korean: names of signals, units, and contents of an entry. */
const KNOWN =
  /^(PID|IP|CPU|GB|MB|kB|B|ms|W|T|X|S|E|quit|time|TERM|KILL|SIGTERM|umask|ulimit|n|nobody|nogroup|no|cgroup|max|clients)$/;

test("each log entry is described in Korean, with every number of the English one", () => {
  for (const event of Object.values(EVENTS).flat()) {
    const korean = ko.log.describe(event);
    const words = korean.match(/[A-Za-z]+/g) ?? [];
    expect([korean, words.filter((word) => !KNOWN.test(word))]).toEqual([korean, []]);
    const told = (en.log.describe(event).match(/\d[\d.,]*\d|\d/g) ?? []).toSorted();
    expect([korean, korean.match(/\d[\d.,]*\d|\d/g)?.toSorted() ?? []]).toEqual([korean, told]);
  }
});

test("each reason to end or refuse has its own name", () => {
  const names = (REFUSE_REASONS as readonly RefuseReason[]).map(ko.refused.reasons);
  expect(new Set(names).size).toBe(REFUSE_REASONS.length);
  const ends = EVENTS.ended.map(({ reason }) => ko.endReason(reason));
  expect(new Set(ends).size).toBe(EVENTS.ended.length);
});
