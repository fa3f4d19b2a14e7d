/** Clients that keep to nothing. They are promised little: the server's peace, and an end. */
import type { Random } from "./random.ts";
import { writeScript } from "./script.ts";
import { judgeBeginning, judgeWhole, UNHARMED, type Visit } from "./client.ts";
import type { Wire } from "./wire.ts";

/** How long (ms) one stays at the most where nothing else makes it leave. */
const STAY = 20;

/** Long enough (ms) to have got a child where many wait for theirs. */
const LONG_STAY = 300;

/** A flood in bytes; a great one, which some send, fills the kernel's buffers on both ways. */
const FLOOD = { least: 20_000, most: 200_000, great: 2_000_000 };

/** More than a line may have. */
const LONG_LINE = { least: 4097, most: 20_000 };
const TOO_LONG = "line too long: at most 4096 bytes\r\n";

/** Breaks off at any moment, mid-word and with replies on their way. */
export const resetter: Visit = async ({ random, open }) => {
  const script = writeScript(random, { times: 4, quits: random.percent(20), cuts: "anywhere" });
  const wire = await open();
  const pieces = script.pieces.slice(0, random.below(script.pieces.length + 1));
  for (const piece of pieces) await wire.send(piece);
  if (pieces.join("").includes("time") && random.percent(50)) await wire.receive(1);
  else await Bun.sleep(random.below(random.percent(50) ? STAY : LONG_STAY));
  const finding = judgeBeginning(wire, script);
  wire.reset();
  return finding;
};

/** Floods its child, reads nothing and goes. */
export const deafReader: Visit = async ({ random, open }) => {
  const wire = await open();
  wire.pause();
  const flood = "time\n".repeat(2000);
  let left = random.between(FLOOD.least, random.percent(10) ? FLOOD.great : FLOOD.most);
  for (let stuck = 0; left > 0 && stuck < 3;) {
    const taken = wire.sendSome(flood);
    left -= taken;
    if (taken > 0) continue;
    stuck += 1;
    await Bun.sleep(random.below(STAY));
  }
  breakOff(random, wire);
  return UNHARMED;
};

/** Connects and goes, mostly before it was accepted. */
export const scanner: Visit = async ({ random, open }) => {
  breakOff(random, await open());
  return UNHARMED;
};

/** Sends what no protocol knows, ends its side and waits for the server to. */
export const junkSender: Visit = async ({ random, open }) => {
  const wire = await open();
  await wire.send(random.bytes(random.between(1, 3000)));
  wire.halfClose();
  return (await wire.ended()) === "late"
    ? { ...UNHARMED, verdict: "late", what: "no end after its own" }
    : UNHARMED;
};

/** Sends a line without end, is told so, and is served all the same. */
export const longLiner: Visit = async ({ random, open }) => {
  const wire = await open();
  const line = "x".repeat(random.between(LONG_LINE.least, LONG_LINE.most));
  const script = writeScript(random, { times: 1, quits: true, cuts: "none" });
  await wire.send(`${line}\n`);
  await wire.send(script.pieces.join(""));
  const length = TOO_LONG.length + script.length;
  return judgeWhole(wire, { ...script, replies: [{ text: TOO_LONG }, ...script.replies], length });
};

function breakOff(random: Random, wire: Wire): void {
  if (random.percent(50)) wire.reset();
  else wire.close();
}
