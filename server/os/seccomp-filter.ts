/**
 * Builds the program of a seccomp filter, in classic BPF (seccomp(2), bpf(4)), from a list of
 * calls to deny. The kernel runs it for each call that it does not know to be always allowed, so
 * its length hardly matters.
 */
import { constants } from "node:os";
import { SYSTEM_CALLS, type SystemCallName } from "./system-call-numbers.ts";

/** A system call that fails, always or only for some operands. */
export interface DeniedCall {
  name: SystemCallName;
  /**
   * EPERM by default; another for calls that programs try, and do without if they get this error.
   */
  error?: "EPERM" | "ENOSYS" | "EPROTONOSUPPORT" | "EOPNOTSUPP" | "ENOPROTOOPT";
  /** Only if all of these hold. */
  when?: readonly Comparison[];
}

/**
 * Compares the low 32 bits of an operand (0–5): the kernel ignores the others of an `int`, so a
 * caller could set them to anything.
 */
export type Comparison = { operand: number } & (
  { is: number } | { isNot: number } | { hasBits: number }
);

const ARCHITECTURES = {
  x64: { audit: 0xc000003e, column: 0 },
  arm64: { audit: 0xc00000b7, column: 1 },
} as const;

/**
 * Calls of the x32 interface have this bit. Their numbers differ, so none of our comparisons would
 * match.
 */
const X32_BIT = 0x40000000;

// Offsets in struct seccomp_data.
const NUMBER = 0;
const ARCHITECTURE = 4;
const OPERANDS = 16;

// Classic BPF, from linux/bpf_common.h.
const LOAD_WORD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;

const KILL_PROCESS = 0x80000000;
const ERRNO = 0x00050000;
const ALLOW = 0x7fff0000;

type Instruction = [code: number, ifTrue: number, ifFalse: number, value: number];

const load = (offset: number): Instruction => [LOAD_WORD, 0, 0, offset];
const verdict = (value: number): Instruction => [RETURN, 0, 0, value];
const fail = (error: NonNullable<DeniedCall["error"]>) => verdict(ERRNO | constants.errno[error]);

/**
 * Returns the instructions, 8 bytes each; null for an architecture whose numbers we don't know. A
 * call that an architecture doesn't have is left out. Programs for another architecture, such as
 * i386 on x64, are killed: their numbers mean other calls.
 */
export function buildFilter(denied: readonly DeniedCall[], arch: string): Uint8Array | null {
  if (arch !== "x64" && arch !== "arm64") return null;
  const { audit, column } = ARCHITECTURES[arch];
  const program: Instruction[] = [
    load(ARCHITECTURE),
    [JUMP_EQUAL, 1, 0, audit],
    verdict(KILL_PROCESS),
  ];
  if (arch === "x64") {
    program.push(load(NUMBER), [JUMP_ANY_BIT, 0, 1, X32_BIT], fail("ENOSYS"));
  }
  for (const call of denied) {
    const number = SYSTEM_CALLS[call.name][column];
    if (number !== null) program.push(...denial(number, call));
  }
  program.push(verdict(ALLOW));
  return encode(program);
}

/**
 * Returns instructions that fail the call if everything matches, and otherwise jump past
 * themselves.
 */
function denial(number: number, { error = "EPERM", when = [] }: DeniedCall): Instruction[] {
  const size = 2 + 2 * when.length + 1;
  const block: Instruction[] = [load(NUMBER)];
  /** How many instructions to skip, seen from the next one to be added, to leave the block. */
  const out = () => size - block.length - 1;
  block.push([JUMP_EQUAL, 0, out(), number]);
  for (const comparison of when) {
    block.push(load(OPERANDS + 8 * comparison.operand));
    if ("is" in comparison) block.push([JUMP_EQUAL, 0, out(), comparison.is]);
    else if ("isNot" in comparison) block.push([JUMP_EQUAL, out(), 0, comparison.isNot]);
    else block.push([JUMP_ANY_BIT, 0, out(), comparison.hasBits]);
  }
  return [...block, fail(error)];
}

/** struct sock_filter: u16 code, u8 and u8 jumps, u32 value. */
function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(program.length * 8));
  program.forEach(([code, ifTrue, ifFalse, value], index) => {
    bytes.setUint16(index * 8, code, true);
    bytes.setUint8(index * 8 + 2, ifTrue);
    bytes.setUint8(index * 8 + 3, ifFalse);
    bytes.setUint32(index * 8 + 4, value, true);
  });
  return new Uint8Array(bytes.buffer);
}
