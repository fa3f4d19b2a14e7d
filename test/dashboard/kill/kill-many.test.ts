/**
 * Signals to many children through plain forms and pages, as a browser without scripts uses them.
 */
import { expect, test } from "bun:test";
import { type Server, startServer } from "../../harness/server.ts";
import { until } from "../../harness/until.ts";
import {
  type ServedClient,
  connectServed,
  connectManyServed,
} from "../../harness/served-client.ts";
import { select, textOf } from "../markup.ts";
import { type Answer, post, request } from "../request.ts";

/** The fields of the question's form. */
function fieldsOf({ text }: Answer): Record<string, string> {
  const inputs = select(text, "form input").map(({ attributes }) => attributes);
  return Object.fromEntries(inputs.map(({ name = "", value = "" }) => [name, value]));
}

async function choose(
  server: Server,
  servedClients: readonly ServedClient[],
  signal = "TERM",
): Promise<Answer> {
  const body = new URLSearchParams(servedClients.map(({ id }) => ["child", id]));
  body.set("signal", signal);
  return request(server, "kill", { method: "POST", body });
}

/** Sends the form, and waits until the page of the job shows that it has ended. */
async function confirm(server: Server, question: Answer): Promise<string> {
  const answer = await post(server, "kills", fieldsOf(question));
  expect(answer.status).toBe(303);
  const path = answer.headers.get("location") ?? "";
  expect(path).toMatch(/^\/kills\/\w+-1$/);
  return until(
    async () => {
      const { text } = await request(server, path);
      return select(text, "progress").length === 0 && text;
    },
    () => "the job ends",
  );
}

test("the question lists the children and their sources; exactly those get the signal", async () => {
  await using server = await startServer();
  await using some = await connectManyServed(server, 6);
  await using far = await connectServed(server, { from: "127.0.0.7" });
  const chosen = [...some.all.slice(0, 5), far];
  const left = some.all.slice(5);

  const question = await choose(server, chosen);
  expect(question.status).toBe(200);
  expect(textOf(question.text, "h2")).toBe("Send TERM to 6 children?");
  expect(textOf(question.text, ".targets dd").split("\n")).toEqual([
    "127.0.0.1: 5",
    "127.0.0.7: 1",
    ...some.all.slice(0, 5).map(({ pid, address }) => `PID ${pid}, client ${address}`),
    "and 1 more",
  ]);
  expect(textOf(question.text, "form button")).toBe("Send TERM to 6 children");
  expect(server.events("kill requested")).toEqual([]);

  // One ends and one connects between the question and the answer.
  await chosen[0]?.quit();
  await server.event("ended");
  await using late = await connectServed(server);

  const page = await confirm(server, question);
  expect(textOf(page, "h2")).toBe("TERM to 6 children");
  expect(textOf(page, "[role=status]")).toBe("TERM: 6 of 6 gone.");
  expect(textOf(page, ".outcomes tbody th a").split("\n").sort()).toEqual(
    chosen
      .slice(1)
      .map(({ pid }) => String(pid))
      .sort(),
  );
  for (const served of chosen.slice(1)) {
    expect(await served.client.readToEnd()).toEqual({ text: "", end: "clean" });
  }
  for (const served of [...left, late]) await served.askTime();
  await until(() => server.events("signal sent").length >= 5, "the signals are logged");
  expect(
    server
      .events("signal sent")
      .map(({ id }) => id)
      .sort(),
  ).toEqual(
    chosen
      .slice(1)
      .map(({ id }) => id)
      .sort(),
  );
  expect(await server.event("kill requested")).toMatchObject({
    count: 5,
    selection: "selected on the page",
    by: "operator at 127.0.0.1",
  });
});

test("the IDs of a filter or a source are those of the children at that moment", async () => {
  await using server = await startServer();
  await using some = await connectManyServed(server, 3);
  await using far = await connectServed(server, { from: "127.0.0.7" });
  const question = await request(server, "kill?source=127.0.0.1");
  expect(textOf(question.text, "h2")).toBe("Send TERM to 3 children?");
  const { ids, selection } = fieldsOf(question);
  const [instance] = far.id.split("-");
  expect([ids, selection]).toEqual([`${instance}:1-3`, "source 127.0.0.1"]);
  await using late = await connectServed(server);

  const found = await request(server, `kill?signal=STOP&filter=${far.address}`);
  expect(textOf(found.text, "h2")).toBe("Send STOP to 1 child?");
  expect(fieldsOf(found)).toEqual({
    ids: `${instance}:4`,
    selection: `filter "${far.address}"`,
    signal: "STOP",
  });
  const list = await request(server, `kill/ids?filter=127.0.0.`);
  expect(JSON.parse(list.text)).toEqual({ ids: `${instance}:1-5` });

  expect(textOf(await confirm(server, question), "[role=status]")).toBe("TERM: 3 of 3 gone.");
  for (const served of some.all) await served.client.readToEnd();
  for (const served of [far, late]) await served.askTime();
});

test("a child that outlives the signal is shown as still there, and first", async () => {
  await using server = await startServer();
  await using servedClients = await connectManyServed(server, 3);
  const [, deaf] = servedClients.all;
  await deaf?.freeze();
  const question = await choose(server, servedClients.all);
  const { then: _, ...fields } = fieldsOf(question);
  const answer = await post(server, "kills", fields);
  const path = answer.headers.get("location") ?? "";
  const text = await until(
    async () => {
      const page = await request(server, path);
      return select(page.text, "progress").length === 0 && page.text;
    },
    () => "the job ends",
  );
  expect(textOf(text, "[role=status]")).toBe("TERM: 2 of 3 gone, 1 still there.");
  expect(select(text, ".outcomes tbody tr")[0]?.attributes["data-outcome"]).toBe("still there");
  expect(textOf(text, ".outcomes tbody th a").split("\n")[0]).toBe(String(deaf?.pid));
});

test("an invalid form sends nothing and says why", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  const [instance] = served.id.split("-");
  const nothing = async (answer: Promise<Answer>, status: number, sentence: string) => {
    const { status: actual, text } = await answer;
    expect([actual, textOf(text, ".outcome")]).toEqual([status, expect.stringContaining(sentence)]);
  };
  await nothing(post(server, "kill", { signal: "TERM" }), 410, "no children are selected");
  await nothing(
    post(server, "kill", { signal: "SIGTERM", child: served.id }),
    400,
    "must be one of",
  );
  await nothing(post(server, "kill", { signal: "TERM", child: "1" }), 404, "were never children");
  const submit = (ids: string, signal = "TERM") => post(server, "kills", { ids, signal });
  await nothing(submit(""), 410, "no children are selected: nothing was sent");
  for (const ids of [`${instance}:2`, `${instance}:1-2`, "x:1", `${instance}:1-999999999`, "1"]) {
    await nothing(submit(ids), 404, "were never children of this server: nothing was sent");
  }
  await nothing(submit(`${instance}:1`, "USR1"), 400, "must be one of");
  await nothing(request(server, "kill?filter=nobody"), 410, "no children are selected");
  await nothing(request(server, "kills/1"), 404, "no such kill request");
  await nothing(post(server, "kills/1/cancel", {}), 404, "no such kill request");
  await served.quit();
  await server.event("ended");
  await nothing(submit(`${instance}:1`), 410, "all of them have already ended: nothing was sent");
  expect(server.events("kill requested")).toEqual([]);
});

test("a viewer who may only watch is asked no question", async () => {
  const readonly = { env: { BROOD_DASHBOARD_READONLY: "true" } };
  await using server = await startServer({}, readonly);
  await using served = await connectServed(server);
  const { text } = await request(server, "/");
  expect(select(text, ".select, #action-bar, #select-matching, #select-source")).toEqual([]);
  for (const path of ["kill", "kill/ids"]) {
    expect((await request(server, path)).status).toBe(403);
  }
  for (const path of ["kill", "kills", "kills/1/cancel"]) {
    expect((await post(server, path, { child: served.id })).status).toBe(403);
  }
  await served.askTime();
});
