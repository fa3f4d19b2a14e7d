/** Signals to one child through plain forms and pages, as a browser without scripts uses them. */
import { expect, test } from "bun:test";
import { readUsage } from "../../../shared/proc.ts";
import { SIGNALS } from "../../../shared/signals.ts";
import { shareServers } from "../../harness/shared-server.ts";
import { until } from "../../harness/until.ts";
import { connectServed } from "../../harness/served-client.ts";
import { select } from "../markup.ts";
import { type Answer, post, request } from "../request.ts";

const sharedServer = shareServers();

/** The sentence that reports the outcome. */
function outcomeOf({ status, headers, text }: Answer): [number, string | undefined] {
  expect(headers.get("content-type")).toStartWith("text/html");
  return [status, select(text, ".outcome")[0]?.text];
}

const NOT_A_SIGNAL = `the signal must be one of ${SIGNALS.join(", ")}: nothing was sent`;

test("the question names the signal, the pid and the client, and its form sends it", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await using other = await connectServed(server);
  const path = `/children/${served.id}/kill`;

  const question = await request(server, `${path}?signal=TERM`);
  expect(question.status).toBe(200);
  expect(question.text).toStartWith("<!DOCTYPE html>");
  expect(question.headers.get("cache-control")).toBe("no-store");
  expect(select(question.text, "h2")[0]?.text).toBe(`Send TERM to PID ${served.pid}?`);
  expect(select(question.text, "p")[0]?.text).toContain(`Client ${served.address}`);
  expect(select(question.text, "form")[0]?.attributes).toMatchObject({
    method: "post",
    action: path,
  });
  const [field] = select(question.text, "form input");
  expect(field?.attributes).toEqual({ type: "hidden", name: "signal", value: "TERM" });
  expect(server.events("signal sent")).toEqual([]);

  const [status, outcome] = outcomeOf(await post(server, path, { signal: "TERM" }));
  expect(status).toBe(202);
  expect(outcome).toMatch(
    new RegExp(`^PID ${served.pid}: TERM sent, gone after \\d+(?: ms|\\.\\d s)$`),
  );
  expect(await server.event("ended")).toMatchObject({ id: served.id, signal: "SIGTERM" });
  await served.client.readToEnd();
  await other.askTime();
});

test("without a signal the page offers a link for each", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  const path = `/children/${served.id}/kill`;
  const { status, text } = await request(server, path);
  expect(status).toBe(200);
  expect(select(text, "h2")[0]?.text).toBe(`Which signal for PID ${served.pid}?`);
  expect(text).toContain(served.address);
  const links = select(text, "li a").map(({ attributes }) => attributes.href);
  const each = SIGNALS.map((signal) => `${path}?signal=${signal}`);
  expect(links).toEqual([...each, "/kill?source=127.0.0.1"]);
});

test("the outcome says what each signal did to a child that survives it", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  const path = `/children/${served.id}/kill`;
  const { pid } = served;
  const send = async (signal: string) => outcomeOf(await post(server, path, { signal }));

  expect(await send("STOP")).toEqual([202, `PID ${pid}: STOP sent, stopped`]);
  expect(readUsage(pid)?.state).toBe("T");
  const stillThere = "still there after [1-9]\\d*\\.\\d s; it is stopped, so send CONT or KILL";
  expect(await send("TERM")).toEqual([
    202,
    expect.stringMatching(new RegExp(`^PID ${pid}: TERM sent, ${stillThere}$`)),
  ]);
  expect(server.events("ended")).toEqual([]);
  const [status, outcome] = await send("KILL");
  expect(status).toBe(202);
  expect(outcome).toMatch(new RegExp(`^PID ${pid}: KILL sent, gone after \\d+(?: ms|\\.\\d s)$`));
  await served.client.readToEnd();
});

test("CONT resumes a stopped child, and the outcome says so", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  const path = `/children/${served.id}/kill`;
  await post(server, path, { signal: "STOP" });
  await served.client.send("time");
  const answer = await post(server, path, { signal: "CONT" });
  expect(outcomeOf(answer)).toEqual([202, `PID ${served.pid}: CONT sent, running`]);
  await served.client.read(19);
});

test("an unknown signal is refused, however it is sent", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  const path = `/children/${served.id}/kill`;
  const forms = [{ signal: "USR1" }, { signal: "\0TERM" }, { pid: String(served.pid) }, {}];
  for (const fields of forms) {
    expect(outcomeOf(await post(server, path, fields))).toEqual([400, NOT_A_SIGNAL]);
  }
  const noForm = await request(server, path, { method: "POST", body: "signal=TERM" });
  expect(outcomeOf(noForm)).toEqual([400, NOT_A_SIGNAL]);
  const file = new FormData();
  file.set("signal", new File(["TERM"], "TERM"));
  const upload = await request(server, path, { method: "POST", body: file });
  expect(outcomeOf(upload)).toEqual([400, NOT_A_SIGNAL]);
  const question = await request(server, `${path}?signal=USR1`);
  expect(outcomeOf(question)).toEqual([400, NOT_A_SIGNAL]);
  expect(server.events("signal sent")).toEqual([]);
  await served.askTime();
});

test("for a child that has ended the page says so, and nothing is sent", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  const path = `/children/${served.id}/kill`;
  await served.quit();
  await server.event("ended");
  const question = await request(server, `${path}?signal=TERM`);
  expect(outcomeOf(question)).toEqual([410, "this child has already ended"]);
  const answer = await post(server, path, { signal: "TERM" });
  expect(outcomeOf(answer)).toEqual([410, "this child has already ended: nothing was sent"]);
  expect(server.events("signal sent")).toEqual([]);
});

test("no number makes the master or another process a child", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  for (const id of [server.pid, served.pid, process.pid, 1, "-1", "nobody"]) {
    const question = await request(server, `children/${id}/kill?signal=KILL`);
    expect(outcomeOf(question)).toEqual([404, "no such child"]);
    const answer = await post(server, `children/${id}/kill`, { signal: "KILL" });
    expect(outcomeOf(answer)).toEqual([404, "no such child: nothing was sent"]);
  }
  expect(server.events("signal sent")).toEqual([]);
  await served.askTime();
});

test("two who kill the same child both learn the outcome, and it ends once", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  const path = `/children/${served.id}/kill`;
  const answers = await Promise.all([
    post(server, path, { signal: "TERM" }),
    post(server, path, { signal: "TERM" }),
  ]);
  for (const answer of answers) {
    const [status, outcome] = outcomeOf(answer);
    expect([202, 410]).toContain(status);
    expect(outcome).toMatch(
      /: TERM sent, gone after \d+(?: ms|\.\d s)$|has already ended: nothing was sent$/,
    );
  }
  await until(() => server.events("ended").length > 0, "it has ended");
  expect(server.events("ended")).toHaveLength(1);
});

test("each response links back to the page", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  const path = `/children/${served.id}/kill`;
  const cancel = select((await request(server, `${path}?signal=TERM`)).text, "a.button");
  const back = select((await post(server, path, { signal: "TERM" })).text, "a.button");
  for (const links of [cancel, back]) expect(links[0]?.attributes.href).toBe("/");
});
