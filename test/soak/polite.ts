/** Clients that keep to the protocol: each must get every reply, byte for byte, and a clean end. */
import { writeScript } from "./script.ts";
import { type Finding, judgeWhole, type Verdict, type Visit } from "./client.ts";

/** Between two keys (ms) at the most. */
const SLOW = 12;

/** Clients that come together; a small server has less room. */
const CROWD = 16;

/** What is told of many clients is what went worst. */
const WORST: readonly Verdict[] = ["wrong", "late", "lost", "refused", "served"];

/** Asks some times in pieces of any size, with pauses or without, and quits or ends its side. */
export const wellBehaved: Visit = async ({ random, open }) => {
  const times = random.between(1, 6);
  const script = writeScript(random, { times, quits: random.percent(75), cuts: "anywhere" });
  const wire = await open();
  for (const piece of script.pieces) {
    await wire.send(piece);
    if (random.percent(20)) await Bun.sleep(random.below(4));
  }
  if (!script.quits) wire.halfClose();
  return judgeWhole(wire, script);
};

/** Waits for each reply before it asks again, as a person does. */
export const conversing: Visit = async ({ random, open }) => {
  const times = random.between(2, 6);
  const script = writeScript(random, { times, quits: true, cuts: "each" });
  const wire = await open();
  for (const [index, piece] of script.pieces.entries()) {
    await wire.send(piece);
    await wire.receive(script.lengths[index] ?? 0);
  }
  return judgeWhole(wire, script);
};

/** `printf time | nc -N`: says all at once and ends its side. */
export const halfCloser: Visit = async ({ random, open }) => {
  const times = random.between(1, 4);
  const script = writeScript(random, { times, quits: false, cuts: "none" });
  const wire = await open();
  await wire.send(script.pieces.join(""));
  wire.halfClose();
  return judgeWhole(wire, script);
};

/** A key at a time. */
export const slowTyper: Visit = async ({ random, open }) => {
  const script = writeScript(random, { times: random.between(1, 2), quits: true, cuts: "none" });
  const text = script.pieces.join("");
  const wire = await open();
  for (const key of text.slice(0, -3)) {
    await wire.send(key);
    await Bun.sleep(random.below(SLOW));
  }
  // The ending of `quit` is not waited for long.
  await wire.send(text.slice(-3));
  return judgeWhole(wire, script);
};

/** Come together and wait until each was answered, or told that there is no room, before one leaves. */
export const crowd: Visit = async ({ random, open }) => {
  const script = writeScript(random, { times: 1, quits: true, cuts: "each" });
  const [ask = "", quit = ""] = script.pieces;
  const wires = await Promise.all(Array.from({ length: CROWD }, open));
  await Promise.all(wires.map((wire) => wire.send(ask)));
  await Promise.all(wires.map((wire) => wire.receive(script.lengths[0] ?? 0)));
  await Promise.all(wires.map((wire) => wire.send(quit)));
  const findings = await Promise.all(wires.map((wire) => judgeWhole(wire, script)));
  return { ...worst(findings), replies: findings.reduce((sum, { replies }) => sum + replies, 0) };
};

function worst(findings: readonly Finding[]): Finding {
  const [first] = findings.toSorted((a, b) => WORST.indexOf(a.verdict) - WORST.indexOf(b.verdict));
  if (first === undefined) throw new Error("a crowd of nobody");
  return first;
}
