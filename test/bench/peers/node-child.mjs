/** The child of node-master.mjs: serves the time protocol to the client it receives. */
process.once("message", (_, socket) => {
  let unread = "";
  socket.setEncoding("latin1");
  socket.on("data", (text) => {
    const lines = (unread + text).split("\r\n");
    unread = lines.pop();
    for (const line of lines) {
      if (line === "time") socket.write(`${now()}\r\n`);
      if (line === "quit") socket.end("quit\r\n");
    }
  });
  socket.on("error", () => {}); // the client is gone; `close` follows
  socket.on("close", () => process.exit());
  socket.resume();
});

function now() {
  const date = new Date();
  const two = (value) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("/");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${day} ${time}`;
}
