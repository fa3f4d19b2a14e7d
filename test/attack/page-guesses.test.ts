/** Guesses of the page's passwords. */
import { expect, test } from "bun:test";
import { en } from "../../dashboard/texts/en.ts";
import { request } from "../dashboard/request.ts";
import { startServer } from "../harness/server.ts";
import { until } from "../harness/until.ts";
import { basic, PASSWORD, PASSWORDS, WATCH_PASSWORD } from "./page-passwords.ts";

test("guessed passwords are slowed down, logged, counted and audited; the operator's browser is not", async () => {
  await using server = await startServer({}, { env: PASSWORDS });
  const browser = { ...basic(PASSWORD), "Sec-Fetch-Site": "none" };
  const known = await request(server, "/", { headers: browser });
  const Cookie = known.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
  expect(Cookie).toMatch(/^brood-device-\d+=/);

  for (let i = 0; i < 10; i += 1) {
    expect((await request(server, "/", { headers: basic(`guess ${i}`) })).status).toBe(401);
  }
  const early = await request(server, "/api/children", { headers: basic("another guess") });
  expect([early.status, early.headers.get("retry-after")]).toEqual([429, "1"]);
  expect(JSON.parse(early.text)).toEqual({ error: en.refusals.tooManyPasswords.line });
  // Its answer must not tell whether it was right.
  expect((await request(server, "/", { headers: basic(PASSWORD) })).status).toBe(429);
  const own = await request(server, "/", { headers: { ...browser, Cookie } });
  expect(own.status).toBe(200);
  // Nobody is shut out for good: the wait ends although others keep guessing.
  await until(async () => {
    const { status } = await request(server, "/", { headers: basic(PASSWORD) });
    return status === 200;
  }, "the right password is accepted again");

  const [logged] = server.events("wrong password");
  expect(logged).toMatchObject({ by: "anna at 127.0.0.1", count: 1, ms: 0 });
  expect(server.events("wrong password")).toHaveLength(1);
  const metrics = (await request(server, "/metrics", { headers: basic(WATCH_PASSWORD) })).text;
  expect(metrics).toContain("\nbrood_wrong_passwords_total 10\n");
  expect(metrics).toMatch(/\nbrood_unchecked_passwords_total [1-9]/);
  await until(async () => {
    const { text } = await request(server, "/api/audit", { headers: basic(WATCH_PASSWORD) });
    return text.includes('"wrong password"') && text.includes("anna at 127.0.0.1");
  }, "the audit has the wrong password");
});
