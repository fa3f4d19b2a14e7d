/** Clients that follow no protocol. They are promised nothing but an end. */
import type { Random } from "./random.ts";
import { writeScript } from "./script.ts";
import { judgeBeginning, judgeWhole, UNHARMED, type Visit } from "./client.ts";
import type { Wire } from "./wire.ts";

/** How long a client stays at most if nothing else makes it leave. */
const MAX_STAY_MS = 20;

/** Long enough to get a child when many clients wait for theirs. */
const MAX_LONG_STAY_MS = 300;

/**
 * Bytes of a flood; a great one, which some clients send, fills the kernel's
 * buffers in both directions.
 */
const FLOOD_BYTES = { least: 20_000, most: 200_000, great: 2_000_000 };

/** Longer than a line may be, in bytes. */
const LONG_LINE_BYTES = { least: 4097, most: 20_000 };
const TOO_LONG = "line too long: at most 4096 bytes\r\n";

/** Disconnects at any moment, within a word or with replies on their way. */
export const resetter: Visit = async ({ random, open }) => {
  const script = writeScript(random, { times: 4, quits: random.percent(20), cuts: "anywhere" });
  const wire = await open();
  const pieces = script.pieces.slice(0, random.below(script.pieces.length + 1));
  for (const piece of pieces) await wire.send(piece);
  if (pieces.join("").includes("time") && random.percent(50)) await wire.receive(1);
  else await Bun.sleep(random.below(random.percent(50) ? MAX_STAY_MS : MAX_LONG_STAY_MS));
  const finding = judgeBeginning(wire, script);
  wire.reset();
  return finding;
};

/** Floods its child, reads nothing and leaves. */
export const deafReader: Visit = async ({ random, open }) => {
  const wire = await open();
  wire.pause();
  const flood = "time\n".repeat(2000);
  let left = random.between(
    FLOOD_BYTES.least,
    random.percent(10) ? FLOOD_BYTES.great : FLOOD_BYTES.most,
  );
  for (let stuck = 0; left > 0 && stuck < 3;) {
    const taken = wire.sendSome(flood);
    left -= taken;
    if (taken > 0) continue;
    stuck += 1;
    await Bun.sleep(random.below(MAX_STAY_MS));
  }
  breakOff(random, wire);
  return UNHARMED;
};

/** Connects and leaves, usually before it is accepted. */
export const scanner: Visit = async ({ random, open }) => {
  breakOff(random, await open());
  return UNHARMED;
};

/** Sends junk, half-closes and waits for the server to close. */
export const junkSender: Visit = async ({ random, open }) => {
  const wire = await open();
  await wire.send(random.bytes(random.between(1, 3000)));
  wire.halfClose();
  return (await wire.ended()) === "late"
    ? { ...UNHARMED, verdict: "late", what: "no end after it half-closed" }
    : UNHARMED;
};

/** Sends a line that is too long, is told so, and is served nevertheless. */
export const longLiner: Visit = async ({ random, open }) => {
  const wire = await open();
  const line = "x".repeat(random.between(LONG_LINE_BYTES.least, LONG_LINE_BYTES.most));
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
