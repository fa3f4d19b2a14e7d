/**
 * brood: a process of its own for each client. The way of a client, and where each step lives:
 *
 *     accept.ts → admit.ts → hand-over.ts → serve-client.ts (services/) → session.ts → log.ts
 *                     ↘ refuse.ts    ↖ spares.ts
 *
 * sessions.ts has the table of the live and walks each client along this way, master.ts puts it together with
 * all else; command-line.ts is what a user starts. Here it is only decided which of the programs in the one executable this process is
 * (or this thread: the history's worker), so that a child loads nothing of the master.
 */
const [command] = process.argv.slice(2);
switch (command) {
  case "child":
    await import("./child/child.ts");
    break;
  case "module-child":
    await import("./child/module-child.ts");
    break;
  case "terminal-child":
    await import("./child/terminal-child.ts");
    break;
  case "fork-example-child":
    await import("./cli/fork-example-child.ts");
    break;
  case "history-worker":
    await import("./history/worker.ts");
    break;
  default:
    await import("./cli/command-line.ts");
}
