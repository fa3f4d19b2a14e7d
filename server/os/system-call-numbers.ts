/**
 * The numbers of system calls that this program makes, denies to its children or attempts in a test (syscalls(2)): on x64
 * and on arm64, null where there is no such call.
 */
export const SYSTEM_CALLS = {
  accept: [43, 202],
  accept4: [288, 242],
  add_key: [248, 217],
  bind: [49, 200],
  bpf: [321, 280],
  clone: [56, 220],
  clone3: [435, 435],
  connect: [42, 203],
  execve: [59, 221],
  execveat: [322, 281],
  fcntl: [72, 25],
  fork: [57, null],
  getpriority: [140, 141],
  gettid: [186, 178],
  io_uring_setup: [425, 425],
  ioctl: [16, 29],
  ioprio_set: [251, 30],
  kcmp: [312, 272],
  keyctl: [250, 219],
  kill: [62, 129],
  landlock_add_rule: [445, 445],
  landlock_create_ruleset: [444, 444],
  landlock_restrict_self: [446, 446],
  listen: [50, 201],
  mount: [165, 40],
  open: [2, null],
  perf_event_open: [298, 241],
  pidfd_getfd: [438, 438],
  pidfd_open: [434, 434],
  pidfd_send_signal: [424, 424],
  prctl: [157, 167],
  prlimit64: [302, 261],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  ptrace: [101, 117],
  request_key: [249, 218],
  rt_sigqueueinfo: [129, 138],
  rt_tgsigqueueinfo: [297, 240],
  sched_setaffinity: [203, 122],
  sched_setattr: [314, 274],
  sched_setparam: [142, 118],
  sched_setscheduler: [144, 119],
  sendmmsg: [307, 269],
  sendmsg: [46, 211],
  sendto: [44, 206],
  setpriority: [141, 140],
  setresuid: [117, 147],
  socket: [41, 198],
  socketpair: [53, 199],
  tgkill: [234, 131],
  tkill: [200, 130],
  truncate: [76, 45],
  unshare: [272, 97],
  userfaultfd: [323, 282],
  vfork: [58, null],
} as const satisfies Record<string, readonly [x64: number | null, arm64: number | null]>;

export type SystemCallName = keyof typeof SYSTEM_CALLS;

/** Returns the number of a system call on this machine; −1, which fails with ENOSYS, where there is no such call. */
export function systemCallNumber(name: SystemCallName): number {
  return SYSTEM_CALLS[name][process.arch === "arm64" ? 1 : 0] ?? -1;
}
