import { describe, expect, test } from "bun:test";
import { environmentName } from "../../../server/options/flags.ts";
import { parseOptions } from "../../../server/options/options.ts";
import { UsageError } from "../../../server/options/usage-error.ts";

test("without flags the options are the contract's defaults", () => {
  expect(parseOptions([], {})).toEqual({
    host: "127.0.0.1",
    port: 65_000,
    dashboard: { host: "127.0.0.1", port: 65_080 },
    access: { operate: null, isGenerated: false, watch: null, readonly: false },
    serving: { kind: "built-in", name: "time" },
    spares: 0,
    maxClients: 1000,
    maxPerSource: 100,
    rate: null,
    source: { v4: 32, v6: 64 },
    allow: [],
    deny: [],
    penaltyMs: 0,
    refuse: { how: "line", waitMs: 0 },
    firstByteTimeoutMs: 0,
    idleTimeoutMs: 0,
    maxSessionMs: 0,
    drainMs: 0,
    orphans: "finish",
    state: null,
    history: {
      file: null,
      maxAgeMs: 30 * 86_400_000,
      maxSessions: 100_000,
      maxSessionsInMemory: 10_000,
    },
    confine: {
      user: null,
      group: null,
      uids: null,
      directory: "/",
      umask: 0o77,
      maxFiles: null,
      cpuSeconds: null,
      maxProcesses: 256,
      maxFileBytes: null,
      memoryBytes: null,
      environment: [],
      sandbox: { network: "host", writable: null, allowPrivileges: false, strict: false },
    },
    log: "pretty",
  });
});

test("each flag is also BROOD_ and its name in capitals", () => {
  expect(environmentName("max-clients")).toBe("BROOD_MAX_CLIENTS");
  const environment = {
    BROOD_HOST: "::1",
    BROOD_STATE: "/run/brood-1",
    BROOD_PORT: "1",
    BROOD_DASHBOARD: "off",
    BROOD_DASHBOARD_PASSWORD: "secret",
    BROOD_DASHBOARD_WATCH_PASSWORD: "look",
    BROOD_DASHBOARD_READONLY: "1",
    BROOD_SERVICE: "echo",
    BROOD_SPARES: "5",
    BROOD_MAX_CLIENTS: "2",
    BROOD_MAX_PER_SOURCE: "3",
    BROOD_RATE: "10/m",
    BROOD_SOURCE: "24,56",
    BROOD_ALLOW: "",
    BROOD_DENY: "",
    BROOD_PENALTY: "30s",
    BROOD_REFUSE: "wait:3s",
    BROOD_FIRST_BYTE_TIMEOUT: "6s",
    BROOD_IDLE_TIMEOUT: "4s",
    BROOD_MAX_SESSION: "2h",
    BROOD_DRAIN: "1m",
    BROOD_ORPHANS: "leave",
    BROOD_HISTORY: "/var/lib/brood/history.db",
    BROOD_HISTORY_AGE: "36h",
    BROOD_HISTORY_SIZE: "500",
    BROOD_USER: "www-data",
    BROOD_GROUP: "33",
    BROOD_DIRECTORY: "/srv",
    BROOD_UMASK: "022",
    BROOD_CHILD_FILES: "64",
    BROOD_CHILD_CPU: "2m",
    BROOD_CHILD_PROCESSES: "40",
    BROOD_CHILD_FILE_SIZE: "10M",
    BROOD_CHILD_MEMORY: "64M",
    BROOD_CHILD_ENV: "HOME,DATABASE_URL",
    BROOD_NETWORK: "none",
    BROOD_WRITABLE: "/srv/a,/srv/b",
    BROOD_ALLOW_PRIVILEGES: "1",
    BROOD_CONFINE: "strict",
    BROOD_LOG: "json",
  };
  expect(parseOptions([], environment)).toEqual({
    host: "::1",
    port: 1,
    dashboard: null,
    access: { operate: "secret", isGenerated: false, watch: "look", readonly: true },
    serving: { kind: "built-in", name: "echo" },
    spares: 5,
    maxClients: 2,
    maxPerSource: 3,
    rate: { count: 10, periodMs: 60_000 },
    source: { v4: 24, v6: 56 },
    allow: [],
    deny: [],
    penaltyMs: 30_000,
    refuse: { how: "wait", waitMs: 3000 },
    firstByteTimeoutMs: 6000,
    idleTimeoutMs: 4000,
    maxSessionMs: 7_200_000,
    drainMs: 60_000,
    orphans: "leave",
    state: "/run/brood-1",
    history: {
      file: "/var/lib/brood/history.db",
      maxAgeMs: 36 * 3_600_000,
      maxSessions: 500,
      maxSessionsInMemory: 500,
    },
    confine: {
      user: "www-data",
      group: "33",
      uids: null,
      directory: "/srv",
      umask: 0o22,
      maxFiles: 64,
      cpuSeconds: 120,
      maxProcesses: 40,
      maxFileBytes: 10_000_000,
      memoryBytes: 64_000_000,
      environment: ["HOME", "DATABASE_URL"],
      sandbox: {
        network: "none",
        writable: ["/srv/a", "/srv/b"],
        allowPrivileges: true,
        strict: true,
      },
    },
    log: "json",
  });
});

test("a flag wins over the environment", () => {
  const environment = { BROOD_PORT: "1", BROOD_LOG: "json" };
  expect(parseOptions(["--port", "2"], environment)).toMatchObject({ port: 2, log: "json" });
  expect(parseOptions(["--port=3"], environment)).toMatchObject({ port: 3, log: "json" });
});

test("a bad value in the environment is ignored if a flag overrides it", () => {
  expect(parseOptions(["--port", "2"], { BROOD_PORT: "high" })).toMatchObject({ port: 2 });
  expect(() => parseOptions([], { BROOD_PORT: "high" })).toThrow(UsageError);
});

describe("--idle-timeout", () => {
  for (const [text, ms] of [
    ["0", 0],
    ["0s", 0],
    ["250ms", 250],
    ["90s", 90_000],
    ["10m", 600_000],
    ["2h", 7_200_000],
    ["24h", 86_400_000],
  ] as const) {
    test(`${text} is ${ms} ms`, () => {
      expect(parseOptions(["--idle-timeout", text], {}).idleTimeoutMs).toBe(ms);
    });
  }
});

describe("an address may be written in any of the usual ways", () => {
  for (const [text, host] of [
    ["0.0.0.0", "0.0.0.0"],
    ["::", "::"],
    ["[::1]", "::1"],
    ["localhost", "localhost"],
    ["my-host.example.org", "my-host.example.org"],
  ] as const) {
    test(`--host ${text}`, () => {
      expect(parseOptions(["--host", text], {}).host).toBe(host);
    });
  }

  test("--dashboard [::1]:8080", () => {
    const { dashboard } = parseOptions(["--dashboard", "[::1]:8080"], {});
    expect(dashboard).toEqual({ host: "::1", port: 8080 });
  });
});

describe("a bad value is rejected with the flag, the value and what would be valid", () => {
  for (const [flag, value, wanted] of [
    ["host", "", "an address or a host name"],
    ["host", "-x", "an address or a host name"],
    ["host", "a b", "an address or a host name"],
    ["port", "-1", "a port from 0 to 65535"],
    ["port", "65536", "a port from 0 to 65535"],
    ["port", "1e3", "a port from 0 to 65535"],
    ["port", "0x10", "a port from 0 to 65535"],
    ["port", " 1", "a port from 0 to 65535"],
    ["port", "", "a port from 0 to 65535"],
    ["dashboard", "on", "HOST:PORT or off"],
    ["dashboard", ":80", "HOST:PORT or off"],
    ["dashboard", "127.0.0.1:", "a port from 0 to 65535"],
    ["max-clients", "0", "a number from 1 to 1000000"],
    ["max-clients", "1.5", "a number from 1 to 1000000"],
    ["max-per-source", "1000001", "a number from 1 to 1000000"],
    ["idle-timeout", "10", "a time such as"],
    ["idle-timeout", "1d", "a time such as"],
    ["idle-timeout", "25h", "a time such as"],
    ["idle-timeout", "-1s", "a time such as"],
    ["rate", "often", "a rate such as"],
    ["rate", "0/s", "a rate such as"],
    ["rate", "10/0s", "a rate such as"],
    ["rate", "1/d", "a rate such as"],
    ["source", "32", "two numbers of bits"],
    ["source", "33,64", "two numbers of bits"],
    ["source", "24,129", "two numbers of bits"],
    ["allow", "10.1.2.3/8", "bits set beyond its prefix"],
    ["deny", "10.0.0.0/8,home", "an address or a network"],
    ["refuse", "loudly", "line, close, wait or wait:TIME"],
    ["refuse", "wait:long", "a time such as"],
    ["first-byte-timeout", "soon", "a time such as"],
    ["max-session", "1", "a time such as"],
    ["drain", "1", "a time such as"],
    ["orphans", "stay", "finish or leave"],
    ["history-age", "30", "a time such as"],
    ["history-age", "3651d", "a time such as"],
    ["history-size", "0", "a number from 1"],
    ["user", "-1", "a name or a number"],
    ["user", "nobody:nogroup", "a name or a number"],
    ["user", "4294967295", "a name or a number"],
    ["group", "a b", "a name or a number"],
    ["umask", "088", "an octal mode"],
    ["umask", "1077", "an octal mode"],
    ["umask", "", "an octal mode"],
    ["child-files", "3", "a number from"],
    ["child-files", "many", "a number from"],
    ["uids", "1000", "a range of at least two user IDs"],
    ["uids", "0-1000", "a range of at least two user IDs"],
    ["uids", "1000-1000", "a range of at least two user IDs"],
    ["uids", "2000-1000", "a range of at least two user IDs"],
    ["uids", "1000-4294967295", "a range of at least two user IDs"],
    ["child-processes", "-1", "a number from 1"],
    ["child-processes", "15", "a number from 16, for Bun's own threads; fewer only with --exec"],
    ["child-file-size", "10", "a size such as"],
    ["child-cpu", "500ms", "a time in whole seconds"],
    ["child-cpu", "10", "a time such as"],
    ["child-memory", "64", "a size such as"],
    ["child-memory", "1.5G", "a size such as"],
    ["child-memory", "64X", "a size such as"],
    ["child-memory", "-1M", "a size such as"],
    ["child-env", "A,,B", "a list of names"],
    ["child-env", "A=1", "a list of names"],
    ["service", "ftp", "time"],
    ["exec", "", "a command"],
    ["exec", "''", "a command"],
    ["exec", 'sh -c "cat', "a quote is not closed"],
    ["exec", "sh -c 'cat", "a quote is not closed"],
    ["exec", "cat | wc", "use sh -c"],
    ["exec", "cat 2>&1", "use sh -c"],
    ["pty", "bash > /tmp/x", "use sh -c"],
    ["log", "PRETTY", "pretty, tutorial or json"],
  ] as const) {
    test(`--${flag}=${JSON.stringify(value)}`, () => {
      const parse = () => parseOptions([`--${flag}=${value}`], {});
      expect(parse).toThrow(UsageError);
      expect(parse).toThrow(`--${flag}: `);
      expect(parse).toThrow(wanted);
    });
  }
});

describe("what a client gets", () => {
  test("is a service, a module, a program or a terminal", () => {
    for (const [flag, text, serving] of [
      ["service", "echo", { kind: "built-in", name: "echo" }],
      ["service", "chat", { kind: "module", name: "chat", path: null }],
      ["service", "./my.ts", { kind: "module", name: "./my.ts", path: "./my.ts" }],
      ["service", "my.mjs", { kind: "module", name: "my.mjs", path: "my.mjs" }],
      [
        "exec",
        `a 'b c' "d'e" f\\ g $H *`,
        { kind: "exec", command: ["a", "b c", "d'e", "f g", "$H", "*"] },
      ],
      ["exec", `cut -d '|' "-f>" \\;`, { kind: "exec", command: ["cut", "-d", "|", "-f>", ";"] }],
      ["pty", "bash -i", { kind: "pty", command: ["bash", "-i"] }],
    ] as const) {
      expect(parseOptions([`--${flag}`, text], {}).serving as unknown).toEqual(serving);
    }
  });

  for (const args of [
    ["--service", "time", "--exec", "cat"],
    ["--exec", "cat", "--pty", "bash"],
    ["--exec", "cat", "--spares", "1"],
    ["--pty", "bash", "--spares", "1"],
    ["--exec", "cat", "--idle-timeout", "1m"],
    ["--exec", "cat", "--first-byte-timeout", "1m"],
    ["--exec", "cat", "--orphans", "leave"],
  ]) {
    test(`${args.join(" ")} is rejected, with both flags named`, () => {
      expect(() => parseOptions(args, {})).toThrow(UsageError);
      for (const flag of args.filter((arg) => arg.startsWith("--"))) {
        expect(() => parseOptions(args, {})).toThrow(flag);
      }
    });
  }
});

describe("anything that is not a flag is rejected", () => {
  for (const args of [
    ["--prot", "1"],
    ["-p", "1"],
    ["1"],
    ["--port"],
    ["--", "x"],
    ["--no-port"],
  ]) {
    test(args.join(" "), () => {
      expect(() => parseOptions(args, {})).toThrow(UsageError);
      expect(() => parseOptions(args, {})).toThrow(/^[^\n]+Try --help\.$/);
    });
  }
});

describe("the page's password", () => {
  test("is required unless the page is on loopback", () => {
    for (const host of ["0.0.0.0", "[::]", "192.0.2.1", "127.0.0.1.example.org", "localhost.com"]) {
      const args = ["--dashboard", `${host}:80`];
      expect(() => parseOptions(args, {})).toThrow("BROOD_DASHBOARD_PASSWORD");
      expect(() => parseOptions(args, { BROOD_DASHBOARD_PASSWORD: "" })).toThrow(UsageError);
      const { access } = parseOptions(args, { BROOD_DASHBOARD_PASSWORD: "secret" });
      expect(access.operate).toBe("secret");
      const readonly = [...args, "--dashboard-readonly"];
      expect(() => parseOptions(readonly, {})).toThrow("see who the clients are");
      const watch = { BROOD_DASHBOARD_WATCH_PASSWORD: "look" };
      expect(parseOptions(readonly, watch).access.watch).toBe("look");
    }
  });

  test("is not required on loopback", () => {
    for (const host of ["127.0.0.1", "127.8.8.8", "[::1]", "localhost"]) {
      const args = ["--dashboard", `${host}:80`];
      expect(parseOptions(args, {}).access.operate).toBeNull();
    }
  });
});

describe("operators who may only look", () => {
  const operate = { BROOD_DASHBOARD_PASSWORD: "secret" };

  test("have a password of their own, next to one that allows more", () => {
    const args = ["--dashboard-watch-password", "look"];
    expect(() => parseOptions(args, {})).toThrow("BROOD_DASHBOARD_PASSWORD");
    expect(() => parseOptions(["--dashboard-watch-password", "secret"], operate)).toThrow(
      UsageError,
    );
    const { access } = parseOptions(args, operate);
    expect(access).toEqual({
      operate: "secret",
      isGenerated: false,
      watch: "look",
      readonly: false,
    });
  });

  test("are all operators, with --dashboard-readonly", () => {
    expect(parseOptions(["--dashboard-readonly"], {}).access.readonly).toBe(true);
    for (const text of ["1", "true", "yes", "on"]) {
      const { access } = parseOptions([], { BROOD_DASHBOARD_READONLY: text });
      expect(access.readonly).toBe(true);
    }
    for (const text of ["0", "false", "no", "off", ""]) {
      const { access } = parseOptions([], { BROOD_DASHBOARD_READONLY: text });
      expect(access.readonly).toBe(false);
    }
    expect(() => parseOptions([], { BROOD_DASHBOARD_READONLY: "maybe" })).toThrow("true or false");
  });
});
