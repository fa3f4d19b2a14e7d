/**
 * The signals to the master: TERM and INT stop it, a second one skips a step of
 * the shutdown, HUP reloads.
 */
import { watchTerminal } from "./hangup.ts";

export interface SignalActions {
  stop(signal: NodeJS.Signals): void;
  /** Reads the options again. */
  reload(): void;
}

export interface Signals {
  /** Returns true if a signal that stops the server has come. */
  isStopRequested(): boolean;
  /** Sets what signals do from now on. Signals that came earlier take effect now. */
  handle(actions: SignalActions): void;
}

/**
 * Catches signals from now on, so that none that comes early is lost or ends half of the server.
 */
export function catchSignals(): Signals {
  const isTerminalClosed = watchTerminal();
  const isReload = (signal: NodeJS.Signals) => signal === "SIGHUP" && !isTerminalClosed();
  const early: NodeJS.Signals[] = [];
  let act = (signal: NodeJS.Signals): void => {
    early.push(signal);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => act(signal));
  }
  return {
    isStopRequested: () => early.some((signal) => !isReload(signal)),
    handle({ stop, reload }) {
      act = (signal) => (isReload(signal) ? reload() : stop(signal));
      for (const signal of early) act(signal);
    },
  };
}
