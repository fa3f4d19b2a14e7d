import { describe, expect, test } from "bun:test";
import { type DeniedCall, buildFilter } from "../../../server/os/seccomp-filter.ts";

const ALLOW = 0x7fff0000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const KILL = 0x80000000;

const X64 = 0xc000003e;
const ARM64 = 0xc00000b7;
const I386 = 0x40000003;

/**
 * What the kernel would answer to a call: it runs classic BPF, of which these are
 * the four instructions used.
 */
function run(
  filter: Uint8Array | null,
  call: { arch: number; number: number; operands?: readonly bigint[] },
): number {
  if (filter === null) throw new Error("no filter");
  // struct seccomp_data
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, call.number, true);
  data.setUint32(4, call.arch, true);
  call.operands?.forEach((operand, i) => data.setBigUint64(16 + 8 * i, operand, true));
  const program = new DataView(filter.buffer);
  for (let next = 0, loaded = 0; ;) {
    const code = program.getUint16(next * 8, true);
    const [ifTrue, ifFalse] = [program.getUint8(next * 8 + 2), program.getUint8(next * 8 + 3)];
    const value = program.getUint32(next * 8 + 4, true);
    next += 1;
    if (code === 0x06) return value;
    if (code === 0x20) loaded = data.getUint32(value, true);
    else if (code === 0x15) next += loaded === value ? ifTrue : ifFalse;
    else if (code === 0x45) next += (loaded & value) !== 0 ? ifTrue : ifFalse;
    else throw new Error(`unknown instruction ${code}`);
  }
}

const DENIED: readonly DeniedCall[] = [
  { name: "fork" },
  { name: "keyctl" },
  { name: "io_uring_setup", error: "ENOSYS" },
  {
    name: "socket",
    when: [
      { operand: 0, is: 2 },
      { operand: 1, hasBits: 0b110 },
      { operand: 2, isNot: 0 },
    ],
  },
];

describe("the filter", () => {
  const x64 = buildFilter(DENIED, "x64");
  const arm64 = buildFilter(DENIED, "arm64");

  test("denies a call by the number it has on this architecture", () => {
    expect(run(x64, { arch: X64, number: 250 })).toBe(EPERM);
    expect(run(arm64, { arch: ARM64, number: 219 })).toBe(EPERM);
    expect(run(x64, { arch: X64, number: 219 })).toBe(ALLOW);
    expect(run(arm64, { arch: ARM64, number: 250 })).toBe(ALLOW);
  });

  test("leaves out what an architecture does not have", () => {
    expect(run(x64, { arch: X64, number: 57 })).toBe(EPERM);
    expect(run(arm64, { arch: ARM64, number: 57 })).toBe(ALLOW);
  });

  test("answers with the error that is asked for", () => {
    expect(run(x64, { arch: X64, number: 425 })).toBe(ENOSYS);
  });

  test("denies only if every comparison holds, in the low 32 bits", () => {
    const socket = (...operands: bigint[]) => run(x64, { arch: X64, number: 41, operands });
    expect(socket(2n, 2n, 1n)).toBe(EPERM);
    expect(socket(2n | (7n << 32n), 4n, 1n)).toBe(EPERM);
    expect(socket(1n, 2n, 1n)).toBe(ALLOW);
    expect(socket(2n, 1n, 1n)).toBe(ALLOW);
    expect(socket(2n, 2n, 0n)).toBe(ALLOW);
    expect(socket(2n, 2n, 1n << 32n)).toBe(ALLOW);
  });

  test("does not let another numbering through", () => {
    expect(run(x64, { arch: I386, number: 288 })).toBe(KILL);
    expect(run(arm64, { arch: 0x40000028, number: 311 })).toBe(KILL);
    expect(run(x64, { arch: X64, number: 0x40000000 + 250 })).toBe(ENOSYS);
  });

  test("is not built for an architecture whose numbers are unknown", () => {
    expect(buildFilter(DENIED, "ppc64")).toBeNull();
  });
});
