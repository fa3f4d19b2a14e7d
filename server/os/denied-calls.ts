/**
 * Which system calls children are denied, and why. A list contains only what a child's user ID,
 * Landlock and no_new_privs do not deny already, since any denied call breaks some program.
 *
 * In no list: TIOCSTI of ioctl(2), since each child is in a session of its own and shares no
 * terminal with anything outside; mount(2) and the like, since they require privileges, and
 * Landlock denies them once it restricts files.
 */
import { AF_UNIX } from "./constants.ts";
import { threadId } from "./thread-id.ts";
import type { Comparison, DeniedCall } from "./seccomp-filter.ts";
import type { SystemCallName } from "./system-call-numbers.ts";

// linux/sched.h
const CLONE_PARENT = 0x8000;
const CLONE_NEWUSER = 0x10000000;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const CLONE_NEW_NAMESPACES = 0x7e020000;

// Of fcntl(2) and ioctl(2), the same on x64 and arm64.
const F_SETOWN = 8;
const F_SETOWN_EX = 15;
const F_SETLEASE = 1024;
const FIOSETOWN = 0x8901;
const SIOCSPGRP = 0x8902;

// Of ptrace(2): the options are its fourth operand.
const PTRACE_SETOPTIONS = 0x4200;
const PTRACE_SEIZE = 0x4206;
const PTRACE_OLDSETOPTIONS = 21; // on x64
const PTRACE_O_TRACEEXIT = 0x40;

/**
 * For every child.
 * - Keys: a child possesses the master's session keyring, whatever its own
 *   user (session-keyring(7)).
 * - io_uring makes calls that no filter sees. Programs can do without it.
 * - With CLONE_PARENT a process would become the spawning thread's child, and outlive its session.
 *   A filter cannot read the flags of clone3, so it is denied; the C library and Bun fall back to
 *   clone.
 * - A lease on a file of the program delays the start of the next child (F_SETLEASE, fcntl(2)).
 * - With PTRACE_O_TRACEEXIT, two processes that trace each other wait for each other when they are
 *   killed, and nothing ends them: not even another SIGKILL.
 * - The others expose the kernel rather than the master. Most are closed to ordinary users anyway.
 */
export const DENIED_TO_ALL: readonly DeniedCall[] = [
  { name: "clone", when: [{ operand: 0, hasBits: CLONE_PARENT }] },
  { name: "clone3", error: "ENOSYS" },
  { name: "fcntl", when: [{ operand: 1, is: F_SETLEASE }] },
  { name: "add_key" },
  { name: "request_key" },
  { name: "keyctl" },
  { name: "io_uring_setup", error: "ENOSYS" },
  ...[PTRACE_SETOPTIONS, PTRACE_SEIZE, PTRACE_OLDSETOPTIONS].map((request): DeniedCall => ({
    name: "ptrace",
    when: [
      { operand: 0, is: request },
      { operand: 3, hasBits: PTRACE_O_TRACEEXIT },
    ],
  })),
  { name: "bpf" },
  { name: "perf_event_open" },
  { name: "userfaultfd" },
];

// Of sockets (linux/socket.h, linux/in.h), the same on every architecture.
const AF_SMC = 43;
const SOCK_DGRAM = 2;
const IPPROTO_MPTCP = 262;
const MSG_FASTOPEN = 0x20000000;
const SOL_IP = 0;
const IP_LOCAL_PORT_RANGE = 51;

/**
 * Closes the gaps in Landlock's rules for TCP ports. They do not cover multipath sockets, which
 * connect to any TCP server, connections made by sending with MSG_FASTOPEN (tcp(7)), or AF_SMC,
 * which falls back to TCP. And with IP_LOCAL_PORT_RANGE (ip(7)), port 0, which has to be allowed,
 * can stand for any port that the child chooses.
 */
export const DENIED_WITH_TCP_RULES: readonly DeniedCall[] = [
  { name: "socket", error: "EPROTONOSUPPORT", when: [{ operand: 2, is: IPPROTO_MPTCP }] },
  { name: "socket", error: "EPROTONOSUPPORT", when: [{ operand: 0, is: AF_SMC }] },
  { name: "sendto", error: "EOPNOTSUPP", when: [{ operand: 3, hasBits: MSG_FASTOPEN }] },
  { name: "sendmsg", error: "EOPNOTSUPP", when: [{ operand: 2, hasBits: MSG_FASTOPEN }] },
  { name: "sendmmsg", error: "EOPNOTSUPP", when: [{ operand: 3, hasBits: MSG_FASTOPEN }] },
  {
    name: "setsockopt",
    error: "ENOPROTOOPT",
    when: [
      { operand: 1, is: SOL_IP },
      { operand: 2, is: IP_LOCAL_PORT_RANGE },
    ],
  },
];

/**
 * A pair of datagram sockets can send to any socket with a path that its user can
 * write to, such as /dev/log.
 */
const DATAGRAM_PAIR: DeniedCall = {
  name: "socketpair",
  when: [{ operand: 1, hasBits: SOCK_DGRAM }],
};

/**
 * For `--network none`, and for `time`, `echo` and `chat`. A network namespace does not confine the
 * client's socket, which belongs to the host's network: connect(2) with AF_UNSPEC disconnects it,
 * after which it could connect to the host's loopback, or listen. This also denies Unix sockets
 * other than connected pairs.
 */
export const DENIED_WITHOUT_NETWORK: readonly DeniedCall[] = [
  ...DENIED_WITH_TCP_RULES,
  { name: "socket" },
  { name: "connect" },
  { name: "bind" },
  { name: "listen" },
  DATAGRAM_PAIR,
];

/**
 * Unix sockets, other than connected pairs. Landlock does not restrict those with a path (before
 * ABI 9), and some that belong to the child's own user run programs on request: `systemd-run
 * --user`, tmux, ssh-agent, docker. Programs lose syslog, D-Bus, X11 and local databases.
 */
export const DENIED_UNIX_SOCKETS: readonly DeniedCall[] = [
  { name: "socket", when: [{ operand: 0, is: AF_UNIX }] },
  DATAGRAM_PAIR,
];

/**
 * User namespaces, unless children may gain privileges. In one, a process may mount file
 * systems that it serves itself (FUSE). While it waits for itself it cannot be killed, and
 * any process that reads its command line hangs. Programs lose rootless containers,
 * bubblewrap and Chromium's own sandbox.
 */
export const DENIED_USER_NAMESPACES: readonly DeniedCall[] = [
  { name: "unshare", when: [{ operand: 0, hasBits: CLONE_NEWUSER }] },
  { name: "clone", when: [{ operand: 0, hasBits: CLONE_NEWUSER }] },
  // 0 stands for a namespace of any kind.
  { name: "setns", when: [{ operand: 1, hasBits: CLONE_NEWUSER }] },
  { name: "setns", when: [{ operand: 1, is: 0 }] },
];

/**
 * Where the master measures memory (confine/memory-polling.ts): it sees what a process
 * has mapped, but not what it only holds by a descriptor or a number. Programs do
 * without, or use a file in /dev/shm.
 */
export const DENIED_WITH_POLLED_MEMORY: readonly DeniedCall[] = [
  { name: "memfd_create", error: "ENOSYS" },
  { name: "memfd_secret", error: "ENOSYS" },
  { name: "shmget", error: "ENOSYS" },
];

// Of files (inode(7), open(2), linux/fs.h, linux/fsverity.h), the same on x64 and arm64.
const OWNER_ONLY = 0o700;
const S_ISUID = 0o4000;
const S_ISGID = 0o2000;
const O_CREAT = 0o100;
const O_TMPFILE = 0o20000000;
const FS_IOC_SETFLAGS = 0x40086602;
const FS_IOC_FSSETXATTR = 0x401c5820;
const FS_IOC_ENABLE_VERITY = 0x40806685;

/** Calls that change the mode of a file, and which operand it is. */
const CHMOD = [
  { name: "chmod", operand: 1 },
  { name: "fchmod", operand: 1 },
  { name: "fchmodat", operand: 2 },
  { name: "fchmodat2", operand: 2 },
] as const;

/**
 * For children that have the master's user ID: any user who executes a file with this bit does so
 * as that user, outside the sandbox. systemd's RestrictSUIDSGID does the same. A filter cannot read
 * the mode of openat2: programs fall back to openat.
 */
export const DENIED_SET_USER_ID: readonly DeniedCall[] = [
  ...CHMOD.map(({ name, operand }) => ({ name, when: [{ operand, hasBits: S_ISUID }] })),
  ...[O_CREAT, O_TMPFILE].flatMap((flag): DeniedCall[] => [
    { name: "open", when: [{ operand: 1, hasBits: flag }, setId(2)] },
    { name: "openat", when: [{ operand: 2, hasBits: flag }, setId(3)] },
  ]),
  { name: "creat", when: [setId(1)] },
  { name: "mknod", when: [setId(1)] },
  { name: "mknodat", when: [setId(2)] },
  { name: "openat2", error: "ENOSYS" },
];

function setId(operand: number): Comparison {
  return { operand, hasBits: S_ISUID | S_ISGID };
}

/**
 * Attributes of files, which Landlock does not cover: modes, groups and access lists. By changing
 * them, a child could open its user's files to other users, or close them to the master. Mode
 * 700, which does neither, remains allowed: it is needed to empty a temporary directory. Times
 * can be set, as rsync does.
 */
export const DENIED_ATTRIBUTES: readonly DeniedCall[] = [
  ...CHMOD.map(({ name, operand }) => ({ name, when: [{ operand, isNot: OWNER_ONLY }] })),
  { name: "chown" },
  { name: "fchown" },
  { name: "fchownat" },
  { name: "lchown" },
  { name: "setxattr", error: "EOPNOTSUPP" },
  { name: "fsetxattr", error: "EOPNOTSUPP" },
  { name: "lsetxattr", error: "EOPNOTSUPP" },
  { name: "setxattrat", error: "EOPNOTSUPP" },
  { name: "removexattr", error: "EOPNOTSUPP" },
  { name: "fremovexattr", error: "EOPNOTSUPP" },
  { name: "lremovexattr", error: "EOPNOTSUPP" },
  { name: "removexattrat", error: "EOPNOTSUPP" },
  { name: "file_setattr", error: "EOPNOTSUPP" },
  ...[FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR, FS_IOC_ENABLE_VERITY].map((request): DeniedCall => ({
    name: "ioctl",
    error: "EOPNOTSUPP",
    when: [{ operand: 1, is: request }],
  })),
];

/**
 * For `time`, `echo` and `chat`, besides `DENIED_WITHOUT_NETWORK` and `DENIED_ATTRIBUTES`: calls
 * that they never make, and that neither Landlock nor their user ID denies.
 * - System V IPC and message queues outlive the child, and may be shared with other programs.
 * - The mode and times of files, of which Landlock has no rules, and watching them.
 * - Programs in memory, which Landlock lets everyone execute, and namespaces.
 */
export const DENIED_TO_BUILT_IN: readonly DeniedCall[] = [
  { name: "socketpair", when: [{ operand: 0, isNot: AF_UNIX }] },
  ...always("shmget", "shmat", "shmctl", "semget", "semop", "semtimedop", "semctl"),
  ...always("msgget", "msgsnd", "msgrcv", "msgctl", "mq_open", "mq_unlink"),
  ...always("chmod", "fchmod", "fchmodat", "fchmodat2"),
  ...always("utime", "utimes", "futimesat", "utimensat"),
  ...always("inotify_init", "inotify_init1", "fanotify_init"),
  ...always("memfd_create", "memfd_secret"),
  ...always("unshare", "setns"),
  { name: "clone", when: [{ operand: 0, hasBits: CLONE_NEW_NAMESPACES }] },
];

function always(...names: SystemCallName[]): DeniedCall[] {
  return names.map((name) => ({ name }));
}

/**
 * Returns the calls that are denied to children that have the same user ID as the master or as each
 * other. To be called on the thread that is confined and starts them. Programs lose debuggers, and
 * cannot change the priorities and limits of another process.
 *
 * Landlock keeps children from tracing and signalling the master, but not each other, nor that
 * thread, which is in their domain: a signal to its thread ID reaches the whole master.
 */
export function deniedToSameUser(): DeniedCall[] {
  const thread = threadId();
  const toThread = (operand: number): Pick<DeniedCall, "when"> => ({
    when: [{ operand, is: thread }],
  });
  const toOther = (...when: Comparison[]): Pick<DeniedCall, "when"> => ({ when });
  return [
    { name: "ptrace" },
    { name: "process_vm_readv" },
    { name: "process_vm_writev" },
    { name: "pidfd_getfd" },
    { name: "kcmp" },
    { name: "kill", ...toThread(0) },
    { name: "tkill", ...toThread(0) },
    { name: "tgkill", ...toThread(1) },
    { name: "rt_sigqueueinfo", ...toThread(0) },
    { name: "rt_tgsigqueueinfo", ...toThread(1) },
    // A descriptor of /proc/THREAD works as a pidfd, too. Programs fall back to kill(2).
    { name: "pidfd_open", ...toThread(0) },
    { name: "pidfd_send_signal", error: "ENOSYS" },
    // The owner of a descriptor gets a signal, which F_SETSIG chooses, when
    // there is something to read.
    { name: "fcntl", ...toOther({ operand: 1, is: F_SETOWN }) },
    { name: "fcntl", ...toOther({ operand: 1, is: F_SETOWN_EX }) },
    { name: "ioctl", ...toOther({ operand: 1, is: FIOSETOWN }) },
    { name: "ioctl", ...toOther({ operand: 1, is: SIOCSPGRP }) },
    // Landlock does not restrict these, which need only the same user. 0 is the caller itself.
    { name: "prlimit64", ...toOther({ operand: 0, isNot: 0 }) },
    { name: "setpriority", ...toOther({ operand: 0, isNot: 0 }) },
    { name: "setpriority", ...toOther({ operand: 1, isNot: 0 }) },
    { name: "ioprio_set", ...toOther({ operand: 1, isNot: 0 }) },
    { name: "sched_setaffinity", ...toOther({ operand: 0, isNot: 0 }) },
    { name: "sched_setattr", ...toOther({ operand: 0, isNot: 0 }) },
    { name: "sched_setparam", ...toOther({ operand: 0, isNot: 0 }) },
    { name: "sched_setscheduler", ...toOther({ operand: 0, isNot: 0 }) },
  ];
}
