/**
 * brood: one process per client. The path of a client, and the directory of each step:
 *
 *     accept/ → admit/ → handover/ → child/ → session/ → history/
 *                  ↘ refuse.ts
 *
 *  1. accept/ owns the listening socket. A new client's socket is paused before a byte is read
 *     from it.
 *  2. admit/ decides, in a pure function, whether the client is served. It may be refused, with a
 *     reason, or wait.
 *  3. handover/ gives the socket to a child process: to a spare that was started in advance, or to
 *     a new one. confine/ sets the child's user and limits. The master then closes its own copy of
 *     the socket.
 *  4. child/ serves the client, in that process: a built-in service, the user's module, or a
 *     program in a terminal. It reports to the master over channel/.
 *  5. session/ has the master's side: the table of live sessions, what the children report, their
 *     deadlines, and the kill. A session ends when its child has been reaped, for exactly one
 *     reason.
 *  6. history/ records it.
 *
 * master/ puts these together and adds the log, the shutdown and the console; dashboard/ is its web
 * page. cli/ has the commands that a user types, and options/ their flags. A directory imports only
 * those on its left:
 *
 *     shared os options channel accept admit confine handover session history master cli
 *
 * except child/, which imports only shared, os and channel. This file decides which program the
 * process is (or the thread: one starts the children, and one stores the history), so that a child
 * loads nothing of the master.
 */
const [command] = process.argv.slice(2);
switch (command) {
  case "child":
    await import("./child/child.ts");
    break;
  case "built-in-spare":
    await import("./child/built-in-spare.ts");
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
  case "spawn-worker":
    await import("./handover/spawn-worker.ts");
    break;
  case "history-worker":
    await import("./history/worker.ts");
    break;
  default:
    await import("./cli/command-line.ts");
}
