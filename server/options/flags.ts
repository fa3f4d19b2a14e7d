/** The flags of `serve`. */
import { BUILT_INS } from "./built-in-services.ts";
import { CONFINE_FLAGS } from "./confine-flags.ts";
import type { Flag } from "./flag.ts";

export const LOG_FORMATS = ["pretty", "tutorial", "json"] as const;

/** What children do if their master is killed. */
export const ORPHANS = ["finish", "leave"] as const;

/** Every flag of `serve`, in the order of `--help`. */
export const FLAGS = {
  host: { value: "ADDRESS", fallback: "127.0.0.1", help: "address to accept clients on" },
  port: {
    value: "PORT",
    fallback: "65000",
    help: "port to accept clients on; 0 picks a free one",
  },
  dashboard: {
    value: "HOST:PORT",
    fallback: "127.0.0.1:65080",
    choices: ["off"],
    help: "address of the web page; port 0 picks a free one, off disables the page",
  },
  "dashboard-password": {
    value: "TEXT",
    fallback: "",
    help: "password of the page; required unless it is on loopback; safer in the environment",
  },
  "dashboard-watch-password": {
    value: "TEXT",
    fallback: "",
    help: "second password, for those who may look but change nothing",
  },
  "dashboard-readonly": {
    value: "",
    fallback: "",
    switch: true,
    help: "disable killing, pausing and draining from the page",
  },
  service: {
    value: "NAME|FILE",
    fallback: "time",
    choices: [...BUILT_INS, "chat"],
    help: "what children speak: time, echo, chat, or a module such as ./my.ts",
  },
  exec: {
    value: "COMMAND",
    fallback: "",
    help: "instead of a service, run a program with the client as its stdin and stdout, as inetd does",
  },
  pty: {
    value: "COMMAND",
    fallback: "",
    help: "instead of a service, run a program in a terminal of its own, over telnet",
  },
  spares: {
    value: "N",
    fallback: "0",
    help: "children started in advance, so that clients need not wait for one",
  },
  "max-clients": {
    value: "N",
    fallback: "1000",
    help: "clients connected at the same time",
  },
  "max-per-source": {
    value: "N",
    fallback: "100",
    help: "clients connected at the same time from one source",
  },
  rate: {
    value: "N/TIME",
    fallback: "0",
    help: "new clients from one source: 10/s, 100/m, 1000/h; 0: no limit",
  },
  source: {
    value: "V4,V6",
    fallback: "32,64",
    help: "how many bits of an IPv4 and an IPv6 address identify a source",
  },
  allow: {
    value: "NETWORKS",
    fallback: "",
    list: true,
    help: "accept clients only from these: 192.0.2.0/24,2001:db8::/32; all unless given",
  },
  deny: {
    value: "NETWORKS",
    fallback: "",
    list: true,
    help: "never accept clients from these, even if allowed",
  },
  penalty: {
    value: "TIME",
    fallback: "0",
    help: "how long a source is shut out for each child that it crashes or blocks, from the third on; 0: never",
  },
  refuse: {
    value: "HOW",
    fallback: "line",
    choices: ["line", "close", "wait"],
    help: "what refused clients get: line (the reason), close (nothing), wait or wait:30s (a place in the queue)",
  },
  "first-byte-timeout": {
    value: "TIME",
    fallback: "0",
    help: "end clients that have sent nothing for this long; 0: never",
  },
  "idle-timeout": {
    value: "TIME",
    fallback: "0",
    help: "end clients that are silent for this long (90s, 10m, 2h); 0: never",
  },
  "max-session": {
    value: "TIME",
    fallback: "0",
    help: "end every client after this long; 0: never",
  },
  drain: {
    value: "TIME",
    fallback: "0",
    help: "how long live clients may finish when the server stops; 0: end them immediately",
  },
  orphans: {
    value: "WHAT",
    fallback: "finish",
    choices: ORPHANS,
    help: "what children do if the master is killed: finish serving, or leave immediately",
  },
  ...CONFINE_FLAGS,
  state: {
    value: "DIR",
    fallback: "",
    help: "where commands of the same user find this server; in $XDG_RUNTIME_DIR or /run unless given",
  },
  history: {
    value: "FILE",
    fallback: "",
    help: "SQLite file for ended sessions, their logs and what operators did; in memory unless given",
  },
  "history-age": {
    value: "TIME",
    fallback: "30d",
    help: "delete sessions that ended longer ago (90d, 12h); 0: never",
  },
  "history-size": {
    value: "N",
    fallback: "",
    help: "ended sessions to store; 100000 unless given, or 10000 in memory",
  },
  config: {
    value: "FILE",
    fallback: "",
    help: "read options from a TOML file (max-clients = 500); SIGHUP reads it again",
  },
  log: {
    value: "FORMAT",
    fallback: "pretty",
    choices: LOG_FORMATS,
    help: "log format: pretty, tutorial or json",
  },
} satisfies Record<string, Flag>;

export type FlagName = keyof typeof FLAGS;

export const FLAG_NAMES = Object.keys(FLAGS) as FlagName[];

/** Returns the environment variable of a flag: `--max-clients` is also `BROOD_MAX_CLIENTS`. */
export function environmentName(flag: string): string {
  return `BROOD_${flag.toUpperCase().replaceAll("-", "_")}`;
}
