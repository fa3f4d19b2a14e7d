/**
 * The API's description is valid OpenAPI 3.1, has every route, and matches the server's responses.
 */
import { beforeAll, expect, test } from "bun:test";
import { registerSchema, type SchemaObject, validate } from "@hyperjump/json-schema/draft-2020-12";
import { validate as validateOpenapi } from "@hyperjump/json-schema/openapi-3-1";
import { describeApi } from "../../../dashboard/http/openapi/document.ts";
import { appWithoutMaster } from "../app.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { until } from "../../harness/until.ts";
import { openEvents } from "../events.ts";
import { connectServed } from "../../harness/served-client.ts";
import { request } from "../request.ts";

interface Described {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

interface Operation {
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

const app = appWithoutMaster();

// As a program receives it.
const document = JSON.parse(JSON.stringify(describeApi(app))) as Described;

const BASE = "https://brood.test/";

const OAS = "https://spec.openapis.org/oas/3.1/schema-base";

/** What the validation objects to; empty if it is valid. The package's types lack the errors. */
function faults(outcome: { valid: boolean }): unknown[] {
  if (outcome.valid) return [];
  const { errors = [] } = outcome as { errors?: Record<string, string>[] };
  return [
    outcome.valid,
    ...errors.map((error) => [error.instanceLocation, error.absoluteKeywordLocation]),
  ];
}

/** Allows no undescribed fields: programs must not rely on that, but the server has none. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [name, strict(value)]),
  );
  return inner.type === "object" ? { additionalProperties: false, ...inner } : inner;
}

function register(name: string, schema: object): void {
  const $defs = strict(document.components.schemas);
  const whole = {
    ...(strict(schema) as object),
    $defs,
    $schema: "https://json-schema.org/draft/2020-12/schema",
  };
  const local = JSON.stringify(whole).replaceAll("#/components/schemas/", "#/$defs/");
  registerSchema(JSON.parse(local) as SchemaObject, BASE + name);
}

const all = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    pattern: new RegExp(`^${method.toUpperCase()} ${path.replace(/\{\w+\}/g, "[^/]+")}$`),
    operation,
  })),
);

beforeAll(() => {
  for (const { name, operation } of all) {
    for (const [status, { content = {} }] of Object.entries(operation.responses)) {
      const schema = content["application/json"]?.schema;
      if (schema !== undefined) register(`${encodeURIComponent(name)}/${status}`, schema);
    }
  }
});

test("it is a valid OpenAPI 3.1 document, with valid schemas", async () => {
  const outcome = await validateOpenapi(OAS, document as never, "BASIC");
  expect(faults(outcome)).toEqual([]);
  const broken = { ...document, openapi: "3.1", info: {} };
  const other = await validateOpenapi(OAS, broken as never);
  expect(other.valid).toBe(false);
});

test("it describes each route for programs, and no other", () => {
  const forPrograms = /^\/(api\/.*|pstree|events|metrics|healthz|readyz|children\/:id\/kill)$/;
  const routes = app.routes
    .filter(({ method, path }) => method !== "ALL" && forPrograms.test(path))
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}").replace(/\/$/, "")}`)
    .filter((route) => route !== "GET /children/{id}/kill"); // a page
  expect([...new Set(routes)].sort()).toEqual(all.map(({ name }) => name).sort());
});

/** The responses seen so far, as `GET /api/master 200`. */
const seen = new Set<string>();

/** Sends a request and checks the response against its description. */
async function ask(server: Server, method: string, path: string, body?: object): Promise<unknown> {
  const [plain = ""] = path.split("?");
  const found = all.find(({ pattern }) => pattern.test(`${method} ${plain}`));
  if (found === undefined) throw new Error(`${method} ${plain} is not described`);
  const isForm = plain.endsWith("/kill");
  const { status, headers, text } = await request(server, path, {
    method,
    ...(body && { body: isForm ? new URLSearchParams({ ...body }) : JSON.stringify(body) }),
  });
  const type = headers.get("content-type")?.split(";")[0] ?? "";
  const described = found.operation.responses[status];
  expect([found.name, status, described !== undefined]).toEqual([found.name, status, true]);
  expect([found.name, status, type, Object.keys(described?.content ?? {})]).toEqual([
    found.name,
    status,
    type,
    [type],
  ]);
  seen.add(`${found.name} ${status}`);
  if (type !== "application/json") return text;
  const answer = JSON.parse(text) as unknown;
  const schema = `${BASE}${encodeURIComponent(found.name)}/${status}`;
  const outcome = await validate(schema, answer as never, "BASIC");
  if (!outcome.valid)
    throw new Error(
      `${method} ${path}: ${text.slice(0, 1000)}: ${JSON.stringify(faults(outcome))}`,
    );
  return answer;
}

test("the responses of a running server are as described", async () => {
  await using server = await startServer({ spares: 1, maxPerSource: 6 });
  await using served = await connectServed(server);
  await using other = await connectServed(server);
  await using third = await connectServed(server);
  await using fourth = await connectServed(server);
  await served.askTime(2);
  await other.client.send("junk\r\n");
  await server.event("request", ({ kind }) => kind === "invalid");
  const get = (path: string) => ask(server, "GET", path);
  const live = `/api/children/${served.id}`;

  await get("/api/openapi.json");
  await get("/api/master");
  await get("/api/rooms");
  expect(await get("/api/children?sort=cpu&dir=desc")).toHaveLength(4);
  await get("/api/tree");
  await get("/api/tree?scope=host");
  await get("/pstree?pids=1");
  await get("/metrics");
  await get("/healthz");
  await get("/readyz");
  await until(async () => {
    const { at } = (await get("/api/series")) as { at: unknown[] };
    return at.length > 0;
  }, "there are points");
  await get("/api/series?after=soon");
  await get(live);
  await get(`${live}?contents=1`);
  await get(`${live}/series`);
  await get("/api/children/zzzzzzzz-1");
  await get("/api/children/zzzzzzzz-1/series");

  // Kills.
  await ask(server, "DELETE", `${live}?signal=STOP&wait=1`);
  await ask(server, "DELETE", `${live}?signal=KILL`);
  await server.event("ended", ({ id }) => id === served.id);
  await ask(server, "DELETE", live);
  await ask(server, "DELETE", `${live}?signal=USR1`);
  await ask(server, "DELETE", "/api/children/zzzzzzzz-1");
  const form = `/children/${other.id}/kill`;
  await ask(server, "POST", form, { signal: "USR1" });
  await ask(server, "POST", form, { signal: "TERM" });
  await ask(server, "POST", form, { signal: "TERM" });
  await ask(server, "POST", "/children/zzzzzzzz-1/kill", { signal: "TERM" });

  // Many.
  const many = (order: object) => ask(server, "POST", "/api/kills", order);
  await get("/api/kills");
  await many({ filter: "", dryRun: true });
  await many({ filter: "", expect: 1000 });
  await many({});
  await many({ ids: ["zzzzzzzz-1"] });
  await many({ filter: "nobody" });
  const { job } = (await many({ ids: [third.id, served.id] })) as { job: string };
  await until(async () => {
    const { waiting, open } = (await get(`/api/kills/${job}`)) as { waiting: number; open: number };
    return waiting + open === 0;
  }, "the job ends");
  await get("/api/kills");
  await get("/api/kills/nothing");
  await ask(server, "DELETE", `/api/kills/${job}`);
  await ask(server, "DELETE", "/api/kills/nothing");

  // Both live and ended.
  await until(async () => {
    const { sessions } = (await get("/api/history")) as { sessions: { endedAt: unknown }[] };
    return sessions.length === 4 && sessions.filter(({ endedAt }) => endedAt !== null).length === 3;
  }, "the history has them");
  await get("/api/history?limit=1&reason=live&from=2020-01-01");
  await get("/api/history?reason=boredom");
  await get("/api/history/totals");
  await get("/api/history/totals?from=soon");
  await get(`/api/history/${served.id}`);
  await get(`/api/history/${fourth.id}`);
  await get("/api/history/zzzzzzzz-1");
  await get(live);
  await get(`${live}/series`);
  await until(async () => {
    const { entries } = (await get("/api/audit")) as { entries: unknown[] };
    return entries.length >= 4;
  }, "the audit log has them");
  await get("/api/audit?limit=0");

  // Streams.
  for (const path of ["/events", "/api/events"]) {
    const { status, headers } = await request(server, path, { method: "HEAD" });
    expect([status, headers.get("content-type")]).toEqual([
      405,
      expect.stringMatching(/^text\/plain/),
    ]);
  }
  await get("/api/events?session=zzzzzzzz-1");
  await get(`/api/events?session=${fourth.id}&session=${fourth.id}`);

  // Control.
  await ask(server, "POST", "/api/pause");
  await get("/readyz");
  await get("/api/master");
  await ask(server, "POST", "/api/resume");
  await ask(server, "POST", "/api/drain?time=soon");
  await ask(server, "POST", "/api/drain?time=1h");

  // Each line of the log, as streamed.
  register("LogLine", document.components.schemas.LogLine ?? {});
  await using stream = await openEvents(server, { path: "api/events", lastEventId: "0" });
  await until(() => stream.messages.length >= server.log.length, "the whole log arrives");
  for (const { data } of stream.messages.filter(({ data }) => data !== "")) {
    const { valid } = await validate(`${BASE}LogLine`, JSON.parse(data) as never);
    expect([data, valid]).toEqual([data, true]);
  }

  // Failures of the machine and exceeded limits do not happen here;
  // streams have tests of their own.
  const missing = all
    .flatMap(({ name, operation }) =>
      Object.keys(operation.responses).map((status) => `${name} ${status}`),
    )
    .filter(
      (answer) =>
        !seen.has(answer) && !/ (401|403|405|429|503)$|events 200$|kills\/\{id\} 202$/.test(answer),
    );
  expect(missing).toEqual([]);
});
