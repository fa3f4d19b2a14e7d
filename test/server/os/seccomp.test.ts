import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  DENIED_ATTRIBUTES,
  DENIED_SET_USER_ID,
  DENIED_TO_BUILT_IN,
  DENIED_TO_ALL,
  DENIED_UNIX_SOCKETS,
  DENIED_USER_NAMESPACES,
  DENIED_WITH_TCP_RULES,
  DENIED_WITH_POLLED_MEMORY,
  DENIED_WITHOUT_NETWORK,
} from "../../../server/os/denied-calls.ts";
import { type ConfinedRun, ORDINARY, attempt, buildPrograms, runConfined } from "./confined.ts";

const programs = await buildPrograms();
afterAll(() => programs[Symbol.dispose]());

/**
 * The attempts fail with these errors if confined, and otherwise do not.
 * One process makes them all.
 */
function expectDenied(confinement: Partial<ConfinedRun>, attempts: Record<string, string>): void {
  const all = Object.keys(attempts);
  const attemptAll = async (run: Partial<ConfinedRun>) =>
    (await attempt(programs, all.join(" ; "), { noNewPrivs: true, ...run }, ORDINARY)).split("\n");
  let confined: string[] = [];
  let free: string[] = [];
  beforeAll(async () => {
    confined = await attemptAll(confinement);
    free = await attemptAll({});
  });
  for (const [index, [words, error]] of Object.entries(attempts).entries()) {
    test(`${words}: ${error}`, () => {
      expect(confined[index]).toBe(error);
      expect(free[index]).toBeString();
      expect(free[index]).not.toBe(error);
    });
  }
}

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const STREAM = 1;
const DGRAM = 2;
const NONBLOCKING_DGRAM = DGRAM | 0o4000;
const MPTCP = 262;
const CLONE_PARENT = 0x8000;
const CLONE_THREAD = 0x10000;
const CLONE_FS = 0x200;
const CLONE_NEWUSER = 0x10000000;
const FASTOPEN = 0x20000000;
/** The kernel ignores what is above 32 bits of an int. */
const HIGH_BITS = 2 ** 40;

describe("every child is denied", () => {
  expectDenied(
    { denied: DENIED_TO_ALL },
    {
      // KEYCTL_GET_KEYRING_ID of KEY_SPEC_SESSION_KEYRING: the master's
      "keyctl 0 -3 0": "EPERM",
      [`clone ${CLONE_PARENT | CLONE_THREAD}`]: "EPERM", // invalid: otherwise it would fork
      "clone3 0 0": "ENOSYS",
      "fcntl -1 1024 0": "EPERM", // F_SETLEASE
      "add_key text:user text:name text:value 5 -3": "EPERM",
      "request_key text:user text:name 0 -3": "EPERM",
      "io_uring_setup 1 0": "ENOSYS",
      "bpf 99 0 0": "EPERM",
      "perf_event_open 0 0 -1 -1 0": "EPERM",
      "userfaultfd 99": "EPERM",
    },
  );
});

describe("below Landlock's rules for ports is denied", () => {
  expectDenied(
    { denied: DENIED_WITH_TCP_RULES },
    {
      [`socket ${AF_INET} ${STREAM} ${MPTCP}`]: "EPROTONOSUPPORT",
      [`socket ${AF_INET6} ${STREAM} ${MPTCP + HIGH_BITS}`]: "EPROTONOSUPPORT",
      [`sendto -1 0 0 ${FASTOPEN}`]: "EOPNOTSUPP",
      [`sendmsg -1 0 ${FASTOPEN}`]: "EOPNOTSUPP",
      [`sendmmsg -1 0 0 ${FASTOPEN}`]: "EOPNOTSUPP",
      "setsockopt -1 0 51 0 0": "ENOPROTOOPT", // IP_LOCAL_PORT_RANGE
    },
  );
});

describe("without a network is denied", () => {
  expectDenied(
    { denied: DENIED_WITHOUT_NETWORK },
    {
      [`socket ${AF_INET} ${STREAM} 0`]: "EPERM",
      "connect -1 0 0": "EPERM",
      "bind -1 0 0": "EPERM",
      "listen -1 0": "EPERM",
      [`socketpair ${AF_UNIX} ${NONBLOCKING_DGRAM} 0 nowhere`]: "EPERM",
    },
  );
});

describe("without new privileges is denied", () => {
  expectDenied(
    { denied: DENIED_USER_NAMESPACES },
    {
      // Invalid with these flags: otherwise they would make one.
      [`unshare ${CLONE_NEWUSER | 1}`]: "EPERM",
      [`clone ${CLONE_NEWUSER | CLONE_THREAD}`]: "EPERM",
      [`setns -1 ${CLONE_NEWUSER}`]: "EPERM",
      "setns -1 0": "EPERM",
    },
  );
});

describe("to the built-in services is denied", () => {
  expectDenied(
    { denied: DENIED_TO_BUILT_IN },
    {
      "shmget 0 0 0": "EPERM", // invalid: otherwise it would make one
      "semget 0 0 0": "EPERM",
      "msgget 1 0 0": "EPERM",
      "mq_open text:brood-no-such-queue 0 0 0": "EPERM",
      "shmat -1 0 0": "EPERM",
      "semop -1 0 0": "EPERM",
      "msgsnd -1 0 0 0": "EPERM",
      "mq_unlink text:brood-no-such-queue": "EPERM",
      [`socketpair ${AF_INET} ${STREAM} 0 nowhere`]: "EPERM",
      "fchmod -1 0": "EPERM",
      "fchmodat -1 text:name 0": "EPERM",
      "utimensat -1 text:name 0 0": "EPERM",
      "inotify_init1 -1": "EPERM",
      "memfd_create text:name 0": "EPERM",
      "unshare 0": "EPERM",
      "setns -1 0": "EPERM",
      [`clone ${CLONE_NEWUSER | CLONE_FS}`]: "EPERM", // invalid: otherwise it would fork
    },
  );
});

describe("where memory is polled is denied", () => {
  expectDenied(
    { denied: DENIED_WITH_POLLED_MEMORY },
    {
      "memfd_create text:name 0": "ENOSYS",
      "shmget 0 0 0": "ENOSYS",
    },
  );
});

describe("without Unix sockets is denied", () => {
  expectDenied(
    { denied: DENIED_UNIX_SOCKETS },
    {
      [`socket ${AF_UNIX} ${STREAM} 0`]: "EPERM",
      [`socket ${AF_UNIX + HIGH_BITS} ${STREAM} 0`]: "EPERM",
      [`socketpair ${AF_UNIX} ${NONBLOCKING_DGRAM} 0 nowhere`]: "EPERM",
    },
  );
  test("but a pair of streams is not", async () => {
    const words = `socketpair ${AF_UNIX} ${STREAM} 0 nowhere`;
    const run = { noNewPrivs: true, denied: DENIED_UNIX_SOCKETS };
    expect(await attempt(programs, words, run)).toBe("done");
  });
});

/** A file that does not exist, and 0o755. */
const FILE = "text:/no/such/file";
const MODE = 0o755;
const CWD = -100;
const CREATE = 0o101;
const TEMPORARY = 0o20200000 | 1;
const SET_USER_ID = 0o4755;
const SET_GROUP_ID = 0o2755;
const REGULAR = 0o100000;

describe("to a child of the master's user with --writable is denied", () => {
  const confined = { denied: DENIED_ATTRIBUTES };
  expectDenied(confined, {
    [`chmod ${FILE} ${MODE}`]: "EPERM",
    [`chmod ${FILE} 0`]: "EPERM",
    [`chmod ${FILE} ${SET_USER_ID}`]: "EPERM",
    [`fchmod -1 ${MODE}`]: "EPERM",
    [`fchmodat ${CWD} ${FILE} ${MODE}`]: "EPERM",
    [`fchmodat2 ${CWD} ${FILE} ${MODE} 0`]: "EPERM",
    [`chown ${FILE} -1 -1`]: "EPERM",
    "fchown -1 -1 -1": "EPERM",
    [`lchown ${FILE} -1 -1`]: "EPERM",
    [`fchownat ${CWD} ${FILE} -1 -1 0`]: "EPERM",
    [`setxattr ${FILE} text:user.a text:b 1 0`]: "EOPNOTSUPP",
    [`lsetxattr ${FILE} text:user.a text:b 1 0`]: "EOPNOTSUPP",
    "fsetxattr -1 text:user.a text:b 1 0": "EOPNOTSUPP",
    [`setxattrat ${CWD} ${FILE} 0 text:user.a 0`]: "EOPNOTSUPP",
    [`removexattr ${FILE} text:user.a`]: "EOPNOTSUPP",
    [`lremovexattr ${FILE} text:user.a`]: "EOPNOTSUPP",
    "fremovexattr -1 text:user.a": "EOPNOTSUPP",
    [`removexattrat ${CWD} ${FILE} 0 text:user.a`]: "EOPNOTSUPP",
    [`file_setattr ${CWD} ${FILE} 0 0 0`]: "EOPNOTSUPP",
    // FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR, FS_IOC_ENABLE_VERITY
    [`ioctl -1 ${0x40086602} 0`]: "EOPNOTSUPP",
    [`ioctl -1 ${0x401c5820} 0`]: "EOPNOTSUPP",
    [`ioctl -1 ${0x40806685} 0`]: "EOPNOTSUPP",
  });
  test("but to make a file private is not", async () => {
    for (const words of [`chmod ${FILE} ${0o700}`, `fchmodat ${CWD} ${FILE} ${0o700}`]) {
      expect(await attempt(programs, words, { noNewPrivs: true, ...confined })).toBe("ENOENT");
    }
  });
});

describe("to a child of the master's user is denied, for an executable with that user's rights,", () => {
  const confined = { denied: DENIED_SET_USER_ID };
  expectDenied(confined, {
    [`chmod ${FILE} ${SET_USER_ID}`]: "EPERM",
    [`fchmod -1 ${SET_USER_ID}`]: "EPERM",
    [`fchmodat ${CWD} ${FILE} ${SET_USER_ID}`]: "EPERM",
    [`fchmodat2 ${CWD} ${FILE} ${SET_USER_ID} 0`]: "EPERM",
    [`open ${FILE} ${CREATE} ${SET_USER_ID}`]: "EPERM",
    [`openat ${CWD} ${FILE} ${CREATE} ${SET_USER_ID}`]: "EPERM",
    [`openat ${CWD} ${FILE} ${CREATE} ${SET_GROUP_ID}`]: "EPERM",
    [`openat ${CWD} ${FILE} ${TEMPORARY} ${SET_USER_ID}`]: "EPERM",
    [`creat ${FILE} ${SET_USER_ID}`]: "EPERM",
    [`mknod ${FILE} ${REGULAR | SET_USER_ID} 0`]: "EPERM",
    [`mknodat ${CWD} ${FILE} ${REGULAR | SET_USER_ID} 0`]: "EPERM",
    [`openat2 ${CWD} ${FILE} 0 24`]: "ENOSYS",
  });
  test("but other files are not", async () => {
    for (const words of [
      `openat ${CWD} ${FILE} ${CREATE} ${MODE}`,
      `openat ${CWD} ${FILE} 0 ${SET_USER_ID}`, // the mode counts only for new files
      `chmod ${FILE} ${SET_GROUP_ID}`,
      `mknodat ${CWD} ${FILE} ${REGULAR | MODE} 0`,
    ]) {
      expect(await attempt(programs, words, { noNewPrivs: true, ...confined })).toBe("ENOENT");
    }
  });
});

describe("to a child of the master's user is denied", () => {
  expectDenied(
    { sameUser: true },
    {
      // PTRACE_SEIZE
      "ptrace 16902 {MASTER} 0 0": "EPERM",
      "ptrace 16902 {THREAD} 0 0": "EPERM",
      "process_vm_readv {MASTER} 0 0 0 0": "EPERM",
      "process_vm_writev {MASTER} 0 0 0 0": "EPERM",
      "pidfd_open {MASTER} 0 / pidfd_getfd first 0 0": "EPERM",
      "kcmp {MASTER} {MASTER} 1 0 0": "EPERM",
      // Signal 0 only asks whether it could be sent.
      "kill {THREAD} 0": "EPERM",
      "tkill {THREAD} 0": "EPERM",
      "tgkill {MASTER} {THREAD} 0": "EPERM",
      "rt_sigqueueinfo {THREAD} 0 0": "EPERM",
      "rt_tgsigqueueinfo {MASTER} {THREAD} 0 0": "EPERM",
      "pidfd_open {THREAD} 0": "EPERM",
      "pidfd_open {MASTER} 0 / pidfd_send_signal first 0 0 0": "ENOSYS",
      // F_SETOWN, F_SETOWN_EX, FIOSETOWN, SIOCSPGRP
      "fcntl -1 8 {THREAD}": "EPERM",
      "fcntl -1 15 0": "EPERM",
      [`ioctl -1 ${0x8901 + HIGH_BITS} 0`]: "EPERM",
      "ioctl -1 35074 0": "EPERM",
      "prlimit64 {MASTER} 7 0 0": "EPERM",
      "setpriority 0 {MASTER} 19": "EPERM",
      "setpriority 2 0 19": "EPERM",
      "ioprio_set 1 {MASTER} 0": "EPERM",
      "sched_setaffinity {MASTER} 0 0": "EPERM",
      "sched_setattr {MASTER} 0 0": "EPERM",
      "sched_setparam {MASTER} 0": "EPERM",
      "sched_setscheduler {MASTER} 0 0": "EPERM",
    },
  );
});

describe("a filter", () => {
  test("requires no_new_privs of an ordinary user, and says so", async () => {
    const run = { command: ["/bin/true"], denied: DENIED_TO_ALL };
    const { outcomes } = await runConfined(programs, run, ORDINARY);
    const reason = "a filter of system calls requires no_new_privs";
    expect(outcomes.denied).toEqual({ ok: false, reason });
  });
});
