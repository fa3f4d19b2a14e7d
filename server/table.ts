/**
 * A row of the master's table: one live session. The live are counted over these rows, so that no
 * count can drift from the truth.
 */
import type { Who } from "../shared/log.ts";
import type { Child, EndReason } from "../shared/master.ts";
import type { Signal } from "../shared/signals.ts";
import type { ChildProcess } from "./spawn.ts";
import type { State } from "./session.ts";

export interface Session extends Omit<Child, "state"> {
  state: State;
  process: ChildProcess;
  /** What the operator has sent to the child. */
  sent: Signal[];
  ended: PromiseWithResolvers<EndReason>;
}

type Address = Pick<Who, "remoteAddress" | "remotePort">;

export function addressOf({ remoteAddress, remotePort }: Address): Address {
  return { remoteAddress, remotePort };
}

/** Whom a log entry of this session is about. */
export function who(session: Session): Who {
  return { id: session.id, pid: session.pid, ...addressOf(session) };
}

/** The row as the dashboard gets it. */
export function childOf(session: Session): Child {
  const { state, process: _process, sent: _sent, ended: _ended, ...child } = session;
  if (state.name === "ended") throw new Error(`session ${session.id} ended but is in the table`);
  return { ...child, state: state.name };
}
