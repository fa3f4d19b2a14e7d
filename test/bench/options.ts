/** The benchmark's command line, and the size of each load. */
import { parseArgs } from "node:util";
import type { ManyJob } from "./loads/many.ts";
import type { WatchedJob } from "./loads/watched.ts";

export const SECTION_NAMES = [
  "paced",
  "burst",
  "echo",
  "memory",
  "many",
  "chat",
  "watched",
  "scaling",
] as const;

export type SectionName = (typeof SECTION_NAMES)[number];

export interface Options {
  only: readonly SectionName[];
  sizes: Sizes;
  json: string;
  chart: string | null;
}

export interface Sizes {
  paced: { clients: number; pauseMs: number };
  burst: { widths: readonly number[]; rounds: number; durationMs: number; maxClients: number };
  echo: { connections: readonly number[]; rounds: number; durationMs: number };
  memory: { clients: number };
  many: Omit<ManyJob, "target" | "page">;
  chat: { clients: number; rounds: number };
  watched: Omit<WatchedJob, "target" | "page" | "views">;
  scaling: { bytes: number; rounds: number };
}

const FULL: Sizes = {
  paced: { clients: 200, pauseMs: 40 },
  burst: { widths: [1, 4, 16, 64], rounds: 5, durationMs: 1000, maxClients: 5000 },
  echo: { connections: [1, 32], rounds: 5, durationMs: 1000 },
  memory: { clients: 100 },
  many: {
    clients: 2000,
    pages: 10,
    rounds: 2,
    idleMs: 10_000,
    requests: 500,
    newClients: 100,
    pauseMs: 40,
  },
  chat: { clients: 500, rounds: 100 },
  watched: { clients: 5000, rate: 50, rounds: 3, durationMs: 15_000 },
  scaling: { bytes: 500_000, rounds: 3 },
};

/** Checks that everything works; the figures mean nothing. */
const QUICK: Sizes = {
  paced: { clients: 5, pauseMs: 20 },
  burst: { widths: [1, 4, 16, 64], rounds: 1, durationMs: 100, maxClients: 5000 },
  echo: { connections: [1, 32], rounds: 1, durationMs: 100 },
  memory: { clients: 10 },
  many: {
    clients: 100,
    pages: 10,
    rounds: 2,
    idleMs: 1000,
    requests: 50,
    newClients: 10,
    pauseMs: 20,
  },
  chat: { clients: 20, rounds: 10 },
  watched: { clients: 200, rate: 50, rounds: 1, durationMs: 2000 },
  scaling: { bytes: 50_000, rounds: 1 },
};

/** Below the limits that the benchmark starts brood with, leaving room for new clients. */
const MAX_CLIENTS = 9000;

/** @throws an error in one line on an unknown flag or a bad value. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: SECTION_NAMES.join() },
      quick: { type: "boolean", default: false },
      many: { type: "string" },
      watched: { type: "string" },
      json: { type: "string", default: "dist/bench.json" },
      chart: { type: "string" },
    },
  });
  const sizes = values.quick ? QUICK : FULL;
  const only = values.only.split(",").map(parseSection);
  if (values.chart !== undefined && !(only.includes("paced") && only.includes("burst"))) {
    throw new Error("--chart draws paced and burst: include both in --only.");
  }
  const many = parseClients("many", values.many) ?? sizes.many.clients;
  const watched = parseClients("watched", values.watched) ?? sizes.watched.clients;
  return {
    only,
    sizes: {
      ...sizes,
      many: { ...sizes.many, clients: many },
      watched: { ...sizes.watched, clients: watched },
    },
    json: values.json,
    chart: values.chart ?? null,
  };
}

function parseSection(text: string): SectionName {
  const name = SECTION_NAMES.find((section) => section === text);
  if (name === undefined) throw new Error(`--only: ${text} is not one of ${SECTION_NAMES.join()}.`);
  return name;
}

function parseClients(flag: "many" | "watched", text: string | undefined): number | null {
  if (text === undefined) return null;
  const clients = Number(text);
  if (Number.isInteger(clients) && clients >= 1 && clients <= MAX_CLIENTS) return clients;
  throw new Error(`--${flag}: ${text} is not a number of clients from 1 to ${MAX_CLIENTS}.`);
}
