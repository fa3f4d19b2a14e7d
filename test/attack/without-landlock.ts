/** A kernel without Landlock, as far as a server can see: a filter answers for it. */
import { buildFilter } from "../../server/os/seccomp-filter.ts";
import { systemCallNumber } from "../../server/os/system-call-numbers.ts";

const filter = buildFilter([{ name: "landlock_create_ruleset", error: "ENOSYS" }], process.arch);
const prctl = systemCallNumber("prctl");

/** Sets no_new_privs and the filter (prctl(2), struct sock_fprog), and executes the rest. */
const SCRIPT = `
  my $filter = pack "H*", shift;
  my $program = pack "S x6 P", length($filter) / 8, $filter;
  syscall(${prctl}, 38, 1, 0, 0, 0) == 0 && syscall(${prctl}, 22, 2, $program) == 0 or die "seccomp: $!";
  exec @ARGV or die "exec: $!"`;

/** A command that executes its arguments there. */
export const WITHOUT_LANDLOCK: readonly string[] = [
  "perl",
  "-e",
  SCRIPT,
  Buffer.from(filter ?? []).toString("hex"),
];
