/**
 * The guard: what other sites, foreign host names and users without a password try, and do not get.
 */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { Hono } from "hono";
import { guard } from "../../../dashboard/http/guard.ts";
import { createSignInLimit } from "../../../dashboard/http/sign-in-limit.ts";
import { en } from "../../../dashboard/texts/en.ts";
import { connect } from "../../harness/connect.ts";
import { brood, run } from "../../harness/run.ts";
import { startServer } from "../../harness/server.ts";
import { shareServers } from "../../harness/shared-server.ts";
import { connectServed } from "../../harness/served-client.ts";
import { select } from "../markup.ts";
import { post, request, urlOf } from "../request.ts";

const sharedServer = shareServers();

/** A route of each kind. */
const PATHS = ["/", "/pstree", "/events", "/api/children", "/assets/page.js", "/healthz", "/no"];

const OPEN = {
  access: { operate: null, isGenerated: false, watch: null, readonly: false },
  checkPeer: null,
  limit: createSignInLimit(),
  log: () => {},
};

const PASSWORD = "Tr0ub4dor & 3: ünïcode";

function basic(password: string, user = "operator"): { Authorization: string } {
  return { Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
}

describe("the Host header (DNS rebinding)", () => {
  test("a foreign name is refused on every route", async () => {
    const server = await sharedServer();
    const { port } = urlOf(server, "/");
    const names = [
      "evil.example",
      `evil.example:${port}`,
      "localhost.evil.example",
      "127.0.0.1.evil.example",
      "evil.example:80:127.0.0.1",
      "192.168.1.1",
      "[::2]",
      "169.254.169.254",
      "127.0.0.1@evil.example",
      "localhost evil",
    ];
    for (const name of names) {
      for (const path of PATHS) {
        const { status, text } = await request(server, path, { headers: { Host: name } });
        expect([name, path, status, text]).toEqual([
          name,
          path,
          403,
          "This page does not answer to that Host.\n",
        ]);
      }
    }
  });

  test("loopback is accepted by name and by address, whatever the port", async () => {
    const server = await sharedServer();
    const names = ["localhost", "LocalHost", "127.0.0.1", "127.1.2.3", "[::1]"];
    for (const name of names.flatMap((name) => [name, `${name}:1`, `${name}:65080`])) {
      const { status } = await request(server, "/", { headers: { Host: name } });
      expect([name, status]).toEqual([name, 200]);
    }
  });

  test("a request without Host is refused", async () => {
    const server = await sharedServer();
    await using client = await connect(Number(urlOf(server, "/").port));
    await client.send("GET /api/children HTTP/1.0\r\n\r\n");
    const { text } = await client.readToEnd();
    expect(text).toMatch(/^HTTP\/1\.[01] 40[03] /);
  });

  test("the case of a name does not matter, in the option or in the request", async () => {
    const app = new Hono();
    app.use(...guard({ ...OPEN, host: "Brood.Example" })).get("/", (c) => c.text("ok"));
    for (const name of ["brood.example", "Brood.Example", "BROOD.EXAMPLE:80"]) {
      const { status } = await app.request("/", { headers: { Host: name } });
      expect([name, status]).toEqual([name, 200]);
    }
    const { status } = await app.request("/", { headers: { Host: "evil.example" } });
    expect(status).toBe(403);
  });

  test("a child cannot be killed under a foreign name", async () => {
    const server = await sharedServer();
    await using served = await connectServed(server);
    const headers = { Host: "evil.example", "Sec-Fetch-Site": "same-origin" };
    const path = `/children/${served.id}/kill`;
    expect((await post(server, path, { signal: "KILL" }, headers)).status).toBe(403);
    const api = await request(server, `/api/children/${served.id}`, { method: "DELETE", headers });
    expect(api.status).toBe(403);
    expect(server.events("signal sent")).toEqual([]);
    await served.askTime();
  });
});

describe("other sites", () => {
  const FOREIGN: Record<string, string>[] = [
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site" },
    { "Sec-Fetch-Site": "cross-site", Origin: "http://127.0.0.1" },
    { "Sec-Fetch-Site": "" },
    { Origin: "https://evil.example" },
    { Origin: "null" },
    { Origin: "" },
    { Origin: "http://127.0.0.1:1" },
    { Origin: "http://localhost" },
  ];

  test("what they make the browser send kills no child", async () => {
    const server = await sharedServer();
    await using served = await connectServed(server);
    const api = `/api/children/${served.id}?signal=KILL`;
    const form = `/children/${served.id}/kill`;
    for (const headers of FOREIGN) {
      const answers = [
        await request(server, api, { method: "DELETE", headers }),
        await post(server, form, { signal: "KILL" }, headers),
        await request(server, form, {
          method: "POST",
          headers: { ...headers, "Content-Type": "text/plain" },
          body: "signal=KILL",
        }),
      ];
      for (const { status, text } of answers) {
        const refused = [headers, 403, "Requests from other sites are refused.\n"];
        expect([headers, status, text]).toEqual(refused);
      }
    }
    expect(server.events("signal sent")).toEqual([]);
    await served.askTime();
  });

  test("their links and images kill no child: GET only asks", async () => {
    const server = await sharedServer();
    await using served = await connectServed(server);
    const headers = { "Sec-Fetch-Site": "cross-site" };
    for (const path of [
      `/children/${served.id}/kill?signal=KILL`,
      `/children/${served.id}/kill?signal=KILL&_method=POST`,
      `/api/children/${served.id}?signal=KILL`,
    ]) {
      await request(server, path, { headers });
      await request(server, path, { headers: { ...headers, "X-HTTP-Method-Override": "DELETE" } });
      await request(server, path, { method: "HEAD", headers });
    }
    expect(server.events("signal sent")).toEqual([]);
    await served.askTime();
  });

  test("they may link to the page, but read nothing of it", async () => {
    const server = await sharedServer();
    const link = { "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" };
    const parts: Record<string, string>[] = [
      {},
      { "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "empty" },
      { "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image" },
      { "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe" },
    ];
    for (const site of ["cross-site", "same-site"]) {
      const from = { "Sec-Fetch-Site": site };
      for (const path of ["/", "/events", "/api/events", "/history/export.csv"]) {
        for (const how of parts) {
          const { status } = await request(server, path, { headers: { ...from, ...how } });
          expect([site, path, how, status]).toEqual([site, path, how, 403]);
        }
      }
      expect((await request(server, "/", { headers: { ...from, ...link } })).status).toBe(200);
    }
  });

  test("the page itself may send requests, and so may programs, which name no site", async () => {
    const server = await sharedServer();
    const { origin } = urlOf(server, "/");
    const own: Record<string, string>[] = [
      { "Sec-Fetch-Site": "same-origin", Origin: origin },
      { "Sec-Fetch-Site": "none" },
      { Origin: origin },
      {},
    ];
    for (const headers of own) {
      await using first = await connectServed(server);
      await using second = await connectServed(server);
      const form = await post(server, `/children/${first.id}/kill`, { signal: "TERM" }, headers);
      const api = await request(server, `/api/children/${second.id}`, {
        method: "DELETE",
        headers,
      });
      expect([headers, form.status, api.status]).toEqual([headers, 202, 202]);
    }
  });
});

describe("the browser's policy", () => {
  test("the page and its files allow only the page's own content", async () => {
    const server = await sharedServer();
    await using served = await connectServed(server);
    for (const path of [...PATHS, `/children/${served.id}/kill`]) {
      if (path === "/events") continue;
      const { headers } = await request(server, path);
      const policy = (headers.get("content-security-policy") ?? "").split("; ").sort();
      expect([path, policy]).toEqual([
        path,
        [
          "base-uri 'none'",
          "connect-src 'self'",
          "default-src 'none'",
          "form-action 'self'",
          "frame-ancestors 'none'",
          "img-src 'self'",
          "script-src 'self'",
          "style-src 'self'",
        ],
      ]);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  test("no page contains an inline script or style", async () => {
    const server = await sharedServer();
    await using served = await connectServed(server);
    for (const path of [
      "/",
      `/children/${served.id}/kill`,
      `/children/${served.id}/kill?signal=TERM`,
    ]) {
      const { text } = await request(server, path);
      expect(select(text, "style, [style], object, embed, iframe, base")).toEqual([]);
      const scripts = select(text, "script");
      expect(scripts.map(({ text }) => text).join("")).toBe("");
      for (const { attributes } of scripts) expect(attributes.src).toStartWith("/assets/");
      for (const { tag, attributes } of select(text, "*")) {
        const handlers = Object.keys(attributes).filter((name) => /^(on|hx-on)/.test(name));
        expect([tag, handlers]).toEqual([tag, []]);
        expect([tag, attributes.href ?? "/"]).toEqual([tag, expect.stringMatching(/^[/#]/)]);
      }
    }
  });
});

describe("the size of a request", () => {
  test("a body larger than any of our forms is refused, with or without Content-Length", async () => {
    const server = await sharedServer();
    await using served = await connectServed(server);
    const path = `/children/${served.id}/kill`;
    const large = `signal=KILL&padding=${"x".repeat(2000)}`;
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const withLength = await request(server, path, { method: "POST", headers, body: large });
    expect(withLength.status).toBe(413);
    const chunked = await request(server, path, {
      method: "POST",
      headers,
      body: new Blob([large]).stream(),
    });
    expect(chunked.status).toBe(413);
    expect(server.events("signal sent")).toEqual([]);
    await served.askTime();
  });
});

describe("the password", () => {
  const OPEN = { dashboard: "0.0.0.0:0" };

  for (const dashboard of ["0.0.0.0:0", "[::]:0", `${hostname()}:0`]) {
    test(`without one the server refuses to listen on ${dashboard.replace(hostname(), "a host name")}`, async () => {
      const cmd = brood("serve", "--port", 0, "--dashboard", dashboard);
      const { stdout, stderr, exitCode } = await run(cmd);
      expect(exitCode).toBe(2);
      expect(stdout).toBe("");
      expect(stderr).toBe(
        `brood: --dashboard ${dashboard}: anyone who can reach the page could kill children. ` +
          "Set BROOD_DASHBOARD_PASSWORD, or use a loopback address.\n",
      );
    });
  }

  test("an empty one does not count", async () => {
    const cmd = brood("serve", "--port", 0, "--dashboard", "0.0.0.0:0");
    const { exitCode } = await run(cmd, { env: { BROOD_DASHBOARD_PASSWORD: "" } });
    expect(exitCode).toBe(2);
  });

  const WRONG: Record<string, string>[] = [
    {},
    basic(""),
    basic(PASSWORD.slice(0, -1)),
    basic(`${PASSWORD} `),
    basic(PASSWORD.toLowerCase()),
    basic("", PASSWORD),
    { Authorization: `Bearer ${PASSWORD}` },
    { Authorization: "Basic" },
    { Authorization: "Basic ????" },
  ];

  test("every route requires it, except the probes and the style of the page that asks for it", async () => {
    const paths = PATHS.filter((path) => path !== "/healthz");
    for (const headers of WRONG) {
      // A server for each: after ten wrong passwords, further ones would have to wait.
      await using server = await startServer(OPEN, { env: { BROOD_DASHBOARD_PASSWORD: PASSWORD } });
      await using served = await connectServed(server);
      for (const path of [...paths, `/children/${served.id}/kill`]) {
        const { status } = await request(server, path, { headers });
        expect([headers, path, status]).toEqual([headers, path, 401]);
      }
      const kill = await post(server, `/children/${served.id}/kill`, { signal: "KILL" }, headers);
      expect(kill.status).toBe(401);
      const path = `/api/children/${served.id}`;
      const api = await request(server, path, { method: "DELETE", headers });
      expect(api.status).toBe(401);
      expect(server.events("signal sent")).toEqual([]);
      await served.askTime();
    }
    await using server = await startServer(OPEN, { env: { BROOD_DASHBOARD_PASSWORD: PASSWORD } });
    const asked = (await request(server, "/")).headers.get("www-authenticate");
    expect(asked).toBe('Basic realm="brood"');
    const statuses = ["/healthz", "/readyz", "/healthz/", "/assets/page.css", "/assets/page.js"];
    const answers = await Promise.all(statuses.map((path) => request(server, path)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 200, 401]);
  });

  test("with it every route works, whatever the user name", async () => {
    await using server = await startServer(OPEN, { env: { BROOD_DASHBOARD_PASSWORD: PASSWORD } });
    await using served = await connectServed(server);
    for (const user of ["operator", "", "müller"]) {
      const { status } = await request(server, "/", { headers: basic(PASSWORD, user) });
      expect([user, status]).toEqual([user, 200]);
    }
    const path = `/api/children/${served.id}`;
    const kill = await request(server, path, { method: "DELETE", headers: basic(PASSWORD) });
    expect(kill.status).toBe(202);
  });

  test("it does not let in a foreign Host or another site", async () => {
    await using server = await startServer(OPEN, { env: { BROOD_DASHBOARD_PASSWORD: PASSWORD } });
    await using served = await connectServed(server);
    const rebound = { ...basic(PASSWORD), Host: "evil.example" };
    expect((await request(server, "/", { headers: rebound })).status).toBe(403);
    const crossed = { ...basic(PASSWORD), "Sec-Fetch-Site": "cross-site" };
    const kill = await post(server, `/children/${served.id}/kill`, { signal: "KILL" }, crossed);
    expect(kill.status).toBe(403);
    await served.askTime();
  });

  test("on all addresses, the page answers to each address and to the host name", async () => {
    await using server = await startServer(OPEN, { env: { BROOD_DASHBOARD_PASSWORD: PASSWORD } });
    for (const name of ["127.0.0.1", "192.168.1.1:80", "[2001:db8::1]", "localhost", hostname()]) {
      const headers = { ...basic(PASSWORD), Host: name };
      const { status } = await request(server, "/", { headers });
      expect([name, status]).toEqual([name, 200]);
    }
  });

  test("no child knows it, and neither the page nor the log shows it", async () => {
    await using server = await startServer(OPEN, { env: { BROOD_DASHBOARD_PASSWORD: PASSWORD } });
    await using served = await connectServed(server);
    for (const file of ["environ", "cmdline"]) {
      const text = readFileSync(`/proc/${served.pid}/${file}`, "utf8");
      expect(text).not.toContain(PASSWORD);
      expect(text).not.toContain("BROOD_");
    }
    const { text } = await request(server, "/", { headers: basic(PASSWORD) });
    expect(text + server.stdout).not.toContain(PASSWORD);
  });

  test("loopback requires it, too, if there is one", async () => {
    const env = { BROOD_DASHBOARD_PASSWORD: PASSWORD };
    await using server = await startServer({}, { env });
    expect((await request(server, "/")).status).toBe(401);
    expect((await request(server, "/", { headers: basic(PASSWORD) })).status).toBe(200);
  });
});

describe("two passwords", () => {
  const WATCH = "look, but don't touch";
  const env = { BROOD_DASHBOARD_PASSWORD: PASSWORD, BROOD_DASHBOARD_WATCH_PASSWORD: WATCH };

  test("one allows watching, the other acting", async () => {
    await using server = await startServer({}, { env });
    await using served = await connectServed(server);
    const form = `/children/${served.id}/kill`;
    const api = `/api/children/${served.id}?signal=KILL`;
    for (const path of PATHS.filter((path) => !["/events", "/no"].includes(path))) {
      const { status } = await request(server, path, { headers: basic(WATCH) });
      expect([path, status]).toEqual([path, 200]);
    }
    const watching = basic(WATCH);
    const answers = [
      await request(server, form, { headers: watching }),
      await post(server, form, { signal: "KILL" }, watching),
      await request(server, api, { method: "DELETE", headers: watching }),
      await request(server, "/control/pause", { method: "POST", headers: watching }),
      await request(server, "/api/drain", { method: "POST", headers: watching }),
    ];
    const line = "You may watch, but not act: this is read-only";
    for (const { status, text, headers } of answers) {
      const isJson = headers.get("content-type") === "application/json";
      const refusal = isJson ? JSON.stringify({ error: line }) : `${line}.\n`;
      expect([status, text]).toEqual([403, refusal]);
    }
    const types = answers.map(({ headers }) => headers.get("content-type")?.split(";")[0]);
    const [json, plain] = ["application/json", "text/plain"];
    expect(types).toEqual([plain, plain, json, plain, json]);
    expect(server.events("signal sent")).toEqual([]);
    expect((await request(server, "/", { headers: basic("neither") })).status).toBe(401);
    await served.askTime();
    const deleted = await request(server, api, { method: "DELETE", headers: basic(PASSWORD) });
    expect(deleted.status).toBe(202);
  });

  test("controls are shown only to operators", async () => {
    await using server = await startServer({}, { env });
    await using _guest = await connectServed(server);
    const watching = await request(server, "/", { headers: basic(WATCH) });
    expect(watching.text).not.toMatch(/\/kill|\/control|method="post"/);
    expect(watching.text).toContain(en.nav.readOnlyMeans);
    const operating = await request(server, "/", { headers: basic(PASSWORD) });
    expect(operating.text).toMatch(/\/kill\?signal=TERM/);
    expect(operating.text).toMatch(/\/control\/drain/);
  });
});

test("--dashboard-readonly: nobody may act, whatever the password", async () => {
  const readonly = { BROOD_DASHBOARD_READONLY: "true" };
  for (const [env, headers] of [
    [readonly, {}],
    [{ ...readonly, BROOD_DASHBOARD_PASSWORD: PASSWORD }, basic(PASSWORD)],
  ] as const) {
    await using server = await startServer({}, { env });
    await using served = await connectServed(server);
    const api = `/api/children/${served.id}?signal=KILL`;
    expect((await request(server, api, { method: "DELETE", headers })).status).toBe(403);
    const form = `/children/${served.id}/kill`;
    expect((await post(server, form, { signal: "KILL" }, headers)).status).toBe(403);
    const { status, text } = await request(server, "/", { headers });
    expect(status).toBe(200);
    expect(text).not.toMatch(/\/kill|\/control|method="post"/);
    await served.askTime();
  }
});
