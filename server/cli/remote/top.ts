/** `brood top`: the children live, in the terminal, or as JSON. */
import type { MasterJson } from "../../../shared/api.ts";
import { describeReceipt } from "../../../shared/log.ts";
import { badValue } from "../../options/usage-error.ts";
import { parseDuration } from "../../options/parse.ts";
import { type Environment, isObject, type Remote, openRemote, Unreachable } from "./request.ts";
import { listChildren, type ListOptions } from "./children.ts";
import { parseCommand } from "./commands.ts";
import { killOne } from "./kill.ts";
import { createKeyReader } from "./keys.ts";
import { printError, printJson } from "./print.ts";
import { openScreen } from "./screen.ts";
import { type Action, type TopSample, handleKeys, type Top } from "./top-state.ts";
import { visibleRows, topLines } from "./top-view.ts";

/** A look that takes longer (ms) has failed: a new one is tried. */
const PATIENCE = 5000;

/** To look more often (ms) would cost the server more than it tells. */
const MOST_OFTEN = 200;

export async function top(args: readonly string[], environment: Environment): Promise<number> {
  const { values } = parseCommand("top", args);
  const every = parseDuration("every", values.every ?? "2s");
  if (every < MOST_OFTEN)
    throw badValue("every", values.every ?? "", `a time of ${MOST_OFTEN}ms at the least`);
  const { sort = "cpu", reverse, filter = "" } = values;
  const end = new AbortController();
  const remote = openRemote(values, environment, { patience: PATIENCE, signal: end.signal });
  if (values.json) return printLooks(remote, { sort, reverse, filter }, every);
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new Error("top needs a terminal. Try top --json, or ps.");
  }
  // What is wrong from the start is told as by any other command.
  const look = await lookAt(remote, { sort, reverse, filter });
  const begun: Top = {
    sort,
    reverse,
    filter,
    look,
    held: false,
    trouble: null,
    chosen: null,
    first: 0,
    mode: { name: "list" },
    said: null,
  };
  try {
    // What it takes to see a child gone is longer than a look may take.
    await watch(remote, openRemote(values, environment, { signal: end.signal }), begun, every);
  } finally {
    end.abort();
  }
  return 0;
}

async function lookAt(remote: Remote, wanted: ListOptions): Promise<TopSample> {
  const [master, children] = await Promise.all([
    remote.get("api/master", {}, isMaster),
    listChildren(remote, wanted),
  ]);
  return { at: Date.now(), master, children };
}

function isMaster(json: unknown): json is MasterJson {
  return isObject(json) && typeof json.pid === "number" && typeof json.state === "string";
}

/** A look a line, for ever; an outage is told once. */
async function printLooks(remote: Remote, wanted: ListOptions, every: number): Promise<number> {
  printJson(await lookAt(remote, wanted));
  let isOut = false;
  for (;;) {
    await Bun.sleep(every);
    try {
      printJson(await lookAt(remote, wanted));
      isOut = false;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (!isOut) printError(error.message);
      isOut = true;
    }
  }
}

/** Shows and obeys until it is told to quit. */
async function watch(remote: Remote, patient: Remote, begun: Top, every: number): Promise<void> {
  let state = begun;
  const keys = createKeyReader();
  const quit = Promise.withResolvers<void>();
  let timer: Timer | undefined;
  let looks = 0;

  using screen = openScreen(
    (typed) => {
      const { top, deeds } = handleKeys(state, keys(typed), visibleRows(screen.rows));
      become(top);
      for (const deed of deeds) obey(deed);
    },
    () => become(state),
  );
  become(state);
  timer = setTimeout(look, every);
  try {
    await quit.promise;
  } finally {
    clearTimeout(timer);
    looks += 1;
  }

  function become(next: Top): void {
    state = next;
    screen.draw(topLines(state, screen.columns, screen.rows));
  }

  function obey(deed: Action): void {
    switch (deed.do) {
      case "quit":
        return quit.resolve();
      case "suspend":
        return screen.suspend();
      case "look":
        return void look();
      case "kill":
        return void kill(deed.child.id, deed.child.pid);
    }
  }

  /** Only the newest look counts: one that was asked for before may be of another filter. */
  async function look(): Promise<void> {
    looks += 1;
    const mine = looks;
    clearTimeout(timer);
    try {
      if (!state.held) {
        const look = await lookAt(remote, state);
        if (mine !== looks) return;
        become({ ...state, look: state.held ? state.look : look, trouble: null });
      }
    } catch (error) {
      if (!(error instanceof Error)) return quit.reject(error);
      if (mine !== looks) return;
      const trouble =
        error instanceof Unreachable ? `reconnecting: ${error.message}` : error.message;
      become({ ...state, trouble });
    }
    timer = setTimeout(look, every);
  }

  async function kill(id: string, pid: number): Promise<void> {
    become({ ...state, said: `pid ${pid}: sending TERM …` });
    const said = await sentence(id).catch((error: unknown) => {
      if (error instanceof Error) return error.message;
      throw error;
    });
    become({ ...state, said: `pid ${pid}: ${said}` });
    void look();
  }

  async function sentence(id: string): Promise<string> {
    const order = { signal: "TERM", thenKill: true, wait: true } as const;
    const outcome = await killOne(patient, id, id, order);
    if (outcome.outcome !== "sent") return "has gone already, nothing was sent";
    return outcome.receipt === undefined ? "TERM sent" : describeReceipt(outcome.receipt);
  }
}
