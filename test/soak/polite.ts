/** Clients that follow the protocol: each must get every reply, byte for byte, and a clean end. */
import { writeScript } from "./script.ts";
import { type Finding, judgeWhole, type Verdict, type Visit } from "./client.ts";

/** The longest time between two keys. */
const MAX_KEY_PAUSE_MS = 12;

/** Clients that connect together; a small server has fewer places. */
const CROWD_CLIENTS = 16;

/** Of many clients, the worst result is reported. */
const WORST: readonly Verdict[] = ["wrong", "late", "lost", "refused", "served"];

/** Sends requests in pieces of any size, with pauses or without, then quits or half-closes. */
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

/** Waits for each reply before the next request, as a person does. */
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

/** `printf time | nc -N`: sends everything at once and half-closes. */
export const halfCloser: Visit = async ({ random, open }) => {
  const times = random.between(1, 4);
  const script = writeScript(random, { times, quits: false, cuts: "none" });
  const wire = await open();
  await wire.send(script.pieces.join(""));
  wire.halfClose();
  return judgeWhole(wire, script);
};

/** Types key by key. */
export const slowTyper: Visit = async ({ random, open }) => {
  const script = writeScript(random, { times: random.between(1, 2), quits: true, cuts: "none" });
  const text = script.pieces.join("");
  const wire = await open();
  for (const key of text.slice(0, -3)) {
    await wire.send(key);
    await Bun.sleep(random.below(MAX_KEY_PAUSE_MS));
  }
  // The service waits only briefly for the rest of `quit`'s line ending.
  await wire.send(text.slice(-3));
  return judgeWhole(wire, script);
};

/** Connect together, and stay until each was served or refused. */
export const crowd: Visit = async ({ random, open }) => {
  const script = writeScript(random, { times: 1, quits: true, cuts: "each" });
  const [ask = "", quit = ""] = script.pieces;
  const wires = await Promise.all(Array.from({ length: CROWD_CLIENTS }, open));
  await Promise.all(wires.map((wire) => wire.send(ask)));
  await Promise.all(wires.map((wire) => wire.receive(script.lengths[0] ?? 0)));
  await Promise.all(wires.map((wire) => wire.send(quit)));
  const findings = await Promise.all(wires.map((wire) => judgeWhole(wire, script)));
  return { ...worst(findings), replies: findings.reduce((sum, { replies }) => sum + replies, 0) };
};

function worst(findings: readonly Finding[]): Finding {
  const [first] = findings.toSorted((a, b) => WORST.indexOf(a.verdict) - WORST.indexOf(b.verdict));
  if (first === undefined) throw new Error("an empty crowd");
  return first;
}
