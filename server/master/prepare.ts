/** Prepares the parts of the server that it can do without: the history, the page, and spares. */
import type { Page } from "../../dashboard/http/serve.ts";
import { formatAddress } from "../../shared/address.ts";
import type { Master } from "../../shared/master.ts";
import { listenError } from "../accept/listen-error.ts";
import type { Confinement } from "../confine/confine.ts";
import { modesOfHistory, resolveHistoryFile } from "../history/file.ts";
import { openHistory, type ServerHistory } from "../history/open.ts";
import { tryStartHistoryWorker } from "../history/worker-client.ts";
import type { Options } from "../options/options.ts";
import { startsProcesses } from "../options/serving.ts";
import type { DescriptorPassing } from "../os/descriptor-passing.ts";
import { openPageAccess, type PageAccess } from "./page-access.ts";

/**
 * Returns a function that opens the history: null if there is neither a file for it nor a page to
 * show it. Its thread starts now, and runs when the function returns: nobody can connect yet, and
 * use up the descriptors that it needs.
 * @throws {UsageError} if the path cannot be a file.
 */
export function prepareHistory(
  { history, dashboard }: Options,
  warn: (message: string) => void,
): (master: Master) => ServerHistory | null {
  if (history.file === null && dashboard === null) return () => null;
  const file = history.file === null ? null : resolveHistoryFile(history.file);
  const modes = file === null ? [] : modesOfHistory(file);
  const thread = tryStartHistoryWorker();
  return (master) => {
    thread?.waitUntilRunning();
    const liveIds = () => master.snapshot().children.map(({ id }) => id);
    const { instance } = master;
    return openHistory({ ...history, file, modes, instance }, { warn, liveIds, thread });
  };
}

/** Returns null with `--dashboard off`. */
export function preparePageAccess(
  options: Options,
  { isChildUid }: Confinement,
): PageAccess | null {
  const { dashboard, serving } = options;
  if (dashboard === null) return null;
  // The built-in services open no connections; anything else can.
  const children = { isChildUid, childrenMayReachPage: startsProcesses(serving) };
  return openPageAccess(dashboard.host, options, children);
}

/**
 * Returns a function that opens the page: null with `--dashboard off`, which
 * loads none of the page's code.
 */
export async function preparePage(
  { dashboard }: Options,
  pageAccess: PageAccess | null,
): Promise<(master: Master, history: ServerHistory | null) => Page | null> {
  if (dashboard === null || pageAccess === null) return () => null;
  const { access, checkPeer, sockets } = pageAccess;
  const { prepareDashboard } = await import("../../dashboard/http/serve.ts");
  const open = await prepareDashboard();
  return (master, history) => {
    if (history === null) throw new Error("the page needs a history");
    try {
      return open({ ...dashboard, access, checkPeer, sockets, master, history });
    } catch (cause) {
      throw listenError(dashboard, `--dashboard ${formatAddress(dashboard.host, 0)}`, cause);
    }
  };
}

/** Returns an error that says why descriptors cannot be passed on this machine. */
export async function prepareDescriptors(): Promise<DescriptorPassing | Error> {
  try {
    return (await import("../os/descriptor-passing.ts")).openDescriptorPassing();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}
