/** The generated password of a page whose server's children share its user. */
import { expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { en } from "../../dashboard/texts/en.ts";
import { request, urlOf } from "../dashboard/request.ts";
import { connect } from "../harness/connect.ts";
import {
  AS_ORDINARY_USER,
  executableForOrdinaryUser,
  ORDINARY_UID,
} from "../harness/ordinary-user.ts";
import { pageAddress, pageFile, tokenOf } from "../harness/page-token.ts";
import { brood, run } from "../harness/run.ts";
import { type Flags, type Server, startServer } from "../harness/server.ts";
import { basic } from "./page-passwords.ts";

function startOrdinary(flags: Flags = {}): Promise<Server> {
  return startServer({ exec: "cat", ...flags }, { ordinary: true });
}

test("only the user who started the server can read it, and no log, command line or export contains it", async () => {
  await using server = await startOrdinary({ umask: "000" });
  const token = tokenOf(server);
  expect(token).toMatch(/^[\w-]{32}$/);
  expect(pageAddress(server)).toBe(`${server.url}?token=${token}`);
  expect(statSync(pageFile(server)).mode & 0o777).toBe(0o600);
  expect(statSync(join(pageFile(server), "..")).mode & 0o777).toBe(0o700);
  const paths = [
    "/",
    "/api/master",
    "/api/audit",
    "/api/history",
    "/history/export.csv",
    "/metrics",
  ];
  await using client = await connect(server.port);
  await request(server, `/?token=${token}`);
  for (const path of paths) {
    const { status, text } = await request(server, path, { headers: basic(token) });
    expect([path, status, text.includes(token)]).toEqual([path, 200, false]);
  }
  expect(server.stdout).not.toContain(token);
  const ps = await run(["ps", "-eww", "-o", "args"]);
  expect(ps.stdout).toContain("serve --port 0");
  expect(ps.stdout).not.toContain(token);
  const environment = readFileSync(`/proc/${(await server.event("serving")).pid}/environ`, "utf8");
  expect(environment).not.toContain(token);
  client.close();
});

test("the address that is printed for people contains it", async () => {
  await using server = await startOrdinary({ log: "pretty" });
  expect(server.url).toMatch(/\/\?token=[\w-]{32}$/);
  expect((await fetch(server.url, { keepalive: false, redirect: "manual" })).status).toBe(303);
});

test("the address signs a browser in with cookies that do not contain it, and leads to one without it", async () => {
  await using server = await startOrdinary();
  const token = tokenOf(server);
  const first = await request(server, `/?token=${token}&sort=cpu`);
  expect([first.status, first.headers.get("location")]).toEqual([303, "/?sort=cpu"]);
  const cookies = first.headers.getSetCookie();
  expect(cookies).toHaveLength(2);
  for (const cookie of cookies) {
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(cookie).not.toContain(token);
  }
  const Cookie = cookies.map((cookie) => cookie.split(";")[0]).join("; ");
  expect((await request(server, "/", { headers: { Cookie } })).status).toBe(200);
  const tampered = Cookie.replaceAll(/.(?=;|$)/g, "_");
  expect((await request(server, "/", { headers: { Cookie: tampered } })).status).toBe(401);
});

test("another server's token, cookie or password does not work", async () => {
  await using server = await startOrdinary();
  await using other = await startOrdinary();
  const token = tokenOf(other);
  const { headers } = await request(other, `/?token=${token}`);
  const port = (of: Server) => urlOf(of, "/").port;
  const Cookie = headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0]?.replace(`-${port(other)}=`, `-${port(server)}=`))
    .join("; ");
  expect((await request(server, `/?token=${token}`)).status).toBe(401);
  expect((await request(server, "/", { headers: { Cookie } })).status).toBe(401);
  expect((await request(server, "/", { headers: basic(token) })).status).toBe(401);
});

test("it works however many wrong ones came before it from the same address", async () => {
  await using server = await startOrdinary();
  const token = tokenOf(server);
  const guess = (i: number) => request(server, `/?token=guess${i}`);
  for (let i = 0; i < 10; i += 1) expect((await guess(i)).status).toBe(401);
  expect((await guess(10)).status).toBe(429);
  expect((await request(server, `/?token=${token}`)).status).toBe(303);
  expect((await request(server, "/", { headers: basic(token) })).status).toBe(200);
});

test.if(process.getuid?.() === 0)("it works for no other user of this machine", async () => {
  await using server = await startOrdinary();
  const url = `${server.url}api/master`;
  const asUser = async (uid: number) => {
    const token = `x:${tokenOf(server)}`;
    const curl = ["curl", "--silent", "--user", token, "--write-out", "%{http_code}", url];
    return (await run(["setpriv", `--reuid=${uid}`, "--clear-groups", ...curl])).stdout;
  };
  expect(await asUser(ORDINARY_UID)).toEndWith("200");
  const { line } = en.refusals.fromOtherUser;
  expect(await asUser(ORDINARY_UID + 1)).toBe(`${JSON.stringify({ error: line })}403`);
});

test("commands of the same user find it, and those of others do not", async () => {
  await using server = await startOrdinary();
  const env = { BROOD_URL: server.url, TMPDIR: server.directory };
  const ps = [...AS_ORDINARY_USER, executableForOrdinaryUser(), "ps"];
  const found = await run(ps, { env, cwd: "/" });
  expect([found.exitCode, found.stderr]).toEqual([0, ""]);
  const state = join(server.directory, "none");
  const lost = await run(ps, { env: { ...env, BROOD_STATE: state }, cwd: "/" });
  expect([lost.exitCode, lost.stdout]).toEqual([1, ""]);
  // Even root, who could read it, does not take it from another user's file.
  const isRoot = process.getuid?.() === 0;
  const directory = { BROOD_STATE: dirname(pageFile(server)) };
  const foreign = await run(brood("ps"), { env: { ...env, ...directory } });
  expect(foreign.exitCode).toBe(isRoot ? 1 : 0);
});

/**
 * A server in root's own name, if the tests run as root, and a state
 * directory that was there before.
 */
function startWithState() {
  const state = mkdtempDisposableSync(join(tmpdir(), "brood-state-"));
  const asSelf: Flags = process.getuid?.() === 0 ? { user: "root" } : {};
  return {
    path: state.path,
    start: () => startServer({ exec: "cat", state: state.path, ...asSelf }),
    fileOf: (server: Server) => join(state.path, `page-${urlOf(server, "/").port}`),
    [Symbol.dispose]: () => state.remove(),
  };
}

test("a state directory that was there before is used, and remains without the file", async () => {
  using state = startWithState();
  await using server = await state.start();
  expect(readFileSync(state.fileOf(server), "utf8")).toStartWith(server.url);
  const env = { BROOD_URL: server.url, BROOD_STATE: state.path };
  expect((await run(brood("ps"), { env })).exitCode).toBe(0);
  await server.stop();
  expect(readdirSync(state.path)).toEqual([]);
});

test("a directory that others can write to is not used, and the log says so", async () => {
  using state = startWithState();
  chmodSync(state.path, 0o770);
  await using server = await state.start();
  const { message } = await server.event("warning");
  expect(message).toContain(`${state.path}: other users can write there`);
  expect(readdirSync(state.path)).toEqual([]);
});

test("a directory of another user's is not used, and the log says so", async () => {
  await using server = await startOrdinary({ state: "/usr" });
  const { message } = await server.event("warning");
  expect(message).toContain("/usr: other users can write there");
  expect(existsSync(`/usr/page-${urlOf(server, "/").port}`)).toBe(false);
});
