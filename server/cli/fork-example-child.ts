/** The child of fork-example.ts: counts by two from the number that its parent sends. */
process.once("message", (start: number) => {
  for (let i = start; i < 10; i += 2) process.stdout.write(`Child Process $i : ${i}\n`);
  process.disconnect?.();
});
