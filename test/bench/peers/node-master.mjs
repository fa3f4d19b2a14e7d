/**
 * A process per client as Node does it: `node node-master.mjs PORT`. A new Node per client, which
 * receives the client's socket over IPC.
 */
import { fork } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const CHILD = fileURLToPath(new URL("node-child.mjs", import.meta.url));

createServer({ pauseOnConnect: true }, (socket) => {
  fork(CHILD).send("client", socket);
}).listen({ host: "127.0.0.1", port: Number(process.argv[2]), backlog: 511 });
