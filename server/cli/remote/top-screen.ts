/** `brood top` in a terminal: takes samples, draws them, and does what the keys ask for. */
import { describeReceipt } from "../../../shared/describe-log.ts";
import { createKeyReader } from "./keys.ts";
import { killOne } from "./kill.ts";
import { type Remote, UnreachableError } from "./request.ts";
import { openScreen } from "./screen.ts";
import { takeSample } from "./top-sample.ts";
import { type Action, handleKeys, type Top } from "./top-state.ts";
import { topLines, visibleRows } from "./top-view.ts";

/** The server, with two timeouts: a kill may take longer than a sample. */
export interface TopRemotes {
  forSamples: Remote;
  forKills: Remote;
}

/** Shows the server until the user quits. */
export async function runTopScreen(
  { forSamples, forKills }: TopRemotes,
  initial: Top,
  intervalMs: number,
): Promise<void> {
  using screen = openScreen();
  const readKeys = createKeyReader();
  const quit = Promise.withResolvers<void>();
  let state = initial;
  let timer: Timer | undefined;
  /** Only the newest sample is shown: an older request may have been for another filter. */
  let newestSample = 0;

  function update(change: Partial<Top>): void {
    state = { ...state, ...change };
    screen.draw(topLines(state, screen.columns, screen.rows));
  }

  async function sample(): Promise<void> {
    newestSample += 1;
    const number = newestSample;
    clearTimeout(timer);
    try {
      if (!state.isFrozen) {
        const taken = await takeSample(forSamples, state);
        if (number !== newestSample) return;
        update({ sample: state.isFrozen ? state.sample : taken, error: null });
      }
    } catch (error) {
      if (!(error instanceof Error)) return quit.reject(error);
      if (number !== newestSample) return;
      update({ error: describeError(error) });
    }
    timer = setTimeout(sample, intervalMs);
  }

  async function kill(id: string, pid: number): Promise<void> {
    update({ message: `PID ${pid}: sending TERM …` });
    update({ message: `PID ${pid}: ${await killAndDescribe(forKills, id)}` });
    void sample();
  }

  function perform(action: Action): void {
    switch (action.type) {
      case "quit":
        return quit.resolve();
      case "suspend":
        return screen.suspend();
      case "sample":
        return void sample();
      case "kill":
        return void kill(action.child.id, action.child.pid);
    }
  }

  screen.listen({
    onInput(text) {
      const { top, actions } = handleKeys(state, readKeys(text), visibleRows(screen.rows));
      update(top);
      for (const action of actions) perform(action);
    },
    onRedraw: () => update({}),
  });
  update({});
  timer = setTimeout(sample, intervalMs);
  try {
    await quit.promise;
  } finally {
    clearTimeout(timer);
    newestSample += 1; // a sample that is still under way is not shown
  }
}

function describeError(error: Error): string {
  return error instanceof UnreachableError ? `reconnecting: ${error.message}` : error.message;
}

/** Sends TERM, and KILL if that does not help. Returns the outcome in words. */
async function killAndDescribe(remote: Remote, id: string): Promise<string> {
  try {
    const outcome = await killOne(remote, id, id, { signal: "TERM", thenKill: true, wait: true });
    if (outcome.outcome !== "sent") return "already ended, nothing was sent";
    return outcome.receipt === undefined ? "TERM sent" : describeReceipt(outcome.receipt);
  } catch (error) {
    if (error instanceof Error) return error.message;
    throw error;
  }
}
