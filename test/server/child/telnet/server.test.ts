/** The server's side of telnet, as a pure machine: whatever bytes come, in whatever pieces. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createTelnetServer } from "../../../../server/child/telnet/server.ts";

const [IAC, DONT, DO, WONT, WILL, SB, SE] = [255, 254, 253, 252, 251, 250, 240] as const;
const [BINARY, ECHO, SGA, TIMING_MARK, TTYPE, NAWS] = [0, 1, 3, 6, 24, 31] as const;

/** A machine that has begun, and what it has said and heard. */
function begun() {
  const sent: number[] = [];
  const typed: number[] = [];
  const sizes: [number | null, number | null][] = [];
  let sends = 0;
  const telnet = createTelnetServer({
    send(bytes) {
      sends += 1;
      sent.push(...bytes);
    },
    typed: (bytes) => typed.push(...bytes),
    resized: (columns, rows) => sizes.push([columns, rows]),
  });
  telnet.begin();
  return {
    telnet,
    sent,
    typed,
    sizes,
    hear: (...bytes: number[]) => telnet.receive(Buffer.from(bytes)),
    sends: () => sends,
    /** What was sent since the last call. */
    takeSent: () => sent.splice(0),
    /** As text, what was typed since the last call. */
    takeTyped: () => Buffer.from(typed.splice(0)).toString("latin1"),
  };
}

const text = (bytes: string) => [...Buffer.from(bytes, "latin1")];

describe("negotiation", () => {
  test("it asks for what a full-screen program needs, once", () => {
    const { sent } = begun();
    const ours = [IAC, WILL, ECHO, IAC, WILL, SGA];
    const theirs = [IAC, DO, SGA, IAC, DO, TTYPE, IAC, DO, NAWS];
    expect(sent).toEqual([...ours, ...theirs]);
  });

  test("answers are not answered, and it is settled when window and terminal are told", () => {
    const { telnet, hear, takeSent, sizes } = begun();
    takeSent();
    hear(IAC, DO, ECHO, IAC, DO, SGA, IAC, WILL, SGA, IAC, WILL, NAWS);
    expect(takeSent()).toEqual([]);
    hear(IAC, WILL, TTYPE);
    expect(takeSent()).toEqual([IAC, SB, TTYPE, 1, IAC, SE]);
    hear(IAC, SB, NAWS, 0, 132, 0, 43, IAC, SE);
    expect(sizes).toEqual([[132, 43]]);
    expect(telnet.settled).toBe(false);
    hear(IAC, SB, TTYPE, 0, ...text("XTERM-256COLOR"), IAC, SE);
    expect(telnet).toMatchObject({ settled: true, terminal: "xterm-256color" });
  });

  test("it is settled, too, when the client has neither", () => {
    const { telnet, hear, takeSent } = begun();
    takeSent();
    hear(IAC, WONT, TTYPE, IAC, WONT, NAWS, IAC, DONT, ECHO);
    expect(takeSent()).toEqual([]);
    expect(telnet).toMatchObject({ settled: true, terminal: null });
  });

  test("what it does not have is refused, what is wished again is not said again", () => {
    const { hear, takeSent } = begun();
    takeSent();
    hear(IAC, WILL, 39, IAC, DO, 39, IAC, DONT, 39, IAC, WONT, 39);
    expect(takeSent()).toEqual([IAC, DONT, 39, IAC, WONT, 39]);
    hear(IAC, DO, BINARY, IAC, DO, BINARY, IAC, WILL, BINARY, IAC, WILL, BINARY);
    expect(takeSent()).toEqual([IAC, WILL, BINARY, IAC, DO, BINARY]);
    hear(IAC, DONT, BINARY, IAC, DONT, BINARY);
    expect(takeSent()).toEqual([IAC, WONT, BINARY]);
    hear(IAC, DO, TIMING_MARK, IAC, DO, TIMING_MARK);
    expect(takeSent()).toEqual([IAC, WILL, TIMING_MARK, IAC, WILL, TIMING_MARK]);
  });

  test("two of them come to an end, whatever each of them was told before", () => {
    const options = fc.constantFrom(BINARY, ECHO, SGA, TTYPE, NAWS, 39);
    const commands = fc.array(
      fc.tuple(fc.constant(IAC), fc.constantFrom(WILL, WONT, DO, DONT), options),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(commands, commands, (first, second) => {
        const [one, other] = [begun(), begun()];
        one.hear(...first.flat());
        other.hear(...second.flat());
        for (let turn = 0; turn < 200; turn += 1) {
          const [a, b] = [one.takeSent(), other.takeSent()];
          if (a.length + b.length === 0) return;
          other.hear(...a);
          one.hear(...b);
        }
        throw new Error("they still talk");
      }),
    );
  });

  test("a name that is none, a size of nothing and a size without end are not believed", () => {
    const { telnet, hear, sizes } = begun();
    hear(IAC, WILL, TTYPE, IAC, WILL, NAWS);
    for (const name of ["", "-x", "a b", "x;rm", "\x1b[2J", "x".repeat(41), "x".repeat(100_000)]) {
      hear(IAC, SB, TTYPE, 0, ...text(name), IAC, SE);
      expect(telnet.terminal).toBeNull();
    }
    hear(IAC, SB, NAWS, 0, 80, IAC, SE);
    expect(sizes).toEqual([]);
    hear(IAC, SB, NAWS, IAC, IAC, IAC, IAC, 0, 1, IAC, SE);
    expect(sizes).toEqual([[1000, 1]]);
  });

  test("of a window's size each half may be unknown by itself", () => {
    const { hear, sizes } = begun();
    for (const size of [
      [0, 132, 0, 0],
      [0, 0, 0, 43],
      [0, 0, 0, 0],
    ]) {
      hear(IAC, SB, NAWS, ...size, IAC, SE);
    }
    expect(sizes).toEqual([
      [132, null],
      [null, 43],
      [null, null],
    ]);
  });

  test("who wishes without an end is not answered any more, and a refusal is heeded all the same", () => {
    const { telnet, hear, takeSent } = begun();
    hear(IAC, DO, BINARY, IAC, WILL, BINARY);
    takeSent();
    for (let i = 0; i < 1000; i += 1) hear(IAC, DO, 39, IAC, WILL, 39);
    expect(takeSent().length).toBe(2 * 3 * 99); // 100 on each side, with those
    hear(IAC, DONT, BINARY, IAC, WONT, BINARY);
    expect(takeSent()).toEqual([IAC, WONT, BINARY, IAC, DONT, BINARY]);
    expect([...telnet.encode(Buffer.from("\r"))]).toEqual([13, 0]);
    hear(IAC, DO, BINARY, IAC, DO, ECHO);
    expect(takeSent()).toEqual([]);
    expect([...telnet.encode(Buffer.from("\r"))]).toEqual([13, 0]);
  });

  test("a client gets no more signs of life than it may take before it is read from again", () => {
    for (const ask of [
      [IAC, 0xf6],
      [IAC, DO, TIMING_MARK],
    ]) {
      const { telnet, sends, takeSent } = begun();
      takeSent();
      const before = sends();
      telnet.receive(Buffer.concat(Array.from({ length: 100_000 }, () => Buffer.from(ask))));
      expect(sends() - before).toBe(1);
      expect(takeSent().length).toBeLessThan(1000);
      telnet.receive(Buffer.from(ask));
      expect(takeSent()).not.toEqual([]);
    }
  });
});

describe("what is typed", () => {
  test("the return key is CR, telnet's own commands are keys, and keys stand before a new size", () => {
    const { hear, takeTyped, takeSent } = begun();
    takeSent();
    hear(...text("a\r\0b\r\nc\rd\n"));
    expect(takeTyped()).toBe("a\rb\rc\rd\n");
    hear(IAC, 0xf4, IAC, 0xf3, IAC, 0xf7, IAC, 0xf8, IAC, 0xec, IAC, 0xed, IAC, 0xee);
    expect(takeTyped()).toBe("\x03\x03\x7f\x15\x04\x1a\x1c");
    hear(IAC, 0xf1, IAC, 0xf2, IAC, 0xf5, IAC, 0xf9, IAC, 0xef, ...text("x"), IAC, IAC);
    expect(takeTyped()).toBe("x\xff");
    expect(takeSent()).toEqual([]);
    hear(IAC, 0xf6);
    expect(Buffer.from(takeSent()).toString()).toBe("\r\n[yes]\r\n");
  });

  test("a command between a CR and what follows parts them", () => {
    const { hear, takeTyped } = begun();
    hear(13, IAC, 0xf4, 10);
    expect(takeTyped()).toBe("\r\x03\n");
    hear(13, IAC, IAC, 10);
    expect(takeTyped()).toBe("\r\xff\n");
    hear(13, IAC, WILL, BINARY, 0);
    expect(takeTyped()).toBe("\r\0");
  });

  const bytes = fc.uint8Array({ maxLength: 200 });
  const special = fc.array(fc.constantFrom(0, 10, 13, 255, 240, 250, 251, 65), { maxLength: 60 });
  const any = fc.oneof(
    bytes,
    special.map((one) => Uint8Array.from(one)),
  );

  /** Any cuts of a text, as pieces. */
  function cut(all: readonly number[], cuts: readonly number[]): Buffer[] {
    const places = [0, ...cuts.map((c) => c % (all.length + 1)), all.length];
    places.sort((a, b) => a - b);
    return places.slice(1).map((end, i) => Buffer.from(all.slice(places[i], end)));
  }

  for (const isBinary of [false, true]) {
    const mode = isBinary ? "where bytes are bytes" : "as a telnet sends it";
    test(`whatever a client types comes out as it was, ${mode}, in any pieces, among commands`, () => {
      const noise = fc.constantFrom<number[]>(
        [],
        [IAC, 0xf1],
        [IAC, WILL, 39],
        [IAC, SB, 39, 1, 2, IAC, IAC, IAC, SE],
      );
      const typing = fc.array(fc.tuple(any, noise), { maxLength: 8 });
      fc.assert(
        fc.property(typing, fc.array(fc.nat()), (typing, cuts) => {
          const { telnet, hear, typed } = begun();
          if (isBinary) hear(IAC, WILL, BINARY);
          const wire = typing.flatMap(([bytes, noise]) => [
            ...[...bytes].flatMap((byte) => {
              if (byte === IAC) return [IAC, IAC];
              return byte === 13 && !isBinary ? [13, 0] : [byte];
            }),
            ...noise,
          ]);
          for (const piece of cut(wire, cuts)) telnet.receive(piece);
          expect(typed).toEqual(typing.flatMap(([bytes]) => [...bytes]));
        }),
        { numRuns: 2000 },
      );
    });

    test(`whatever a program prints is shown as it was, ${mode}, in any pieces`, () => {
      fc.assert(
        fc.property(any, fc.array(fc.nat()), (bytes, cuts) => {
          const { telnet, hear } = begun();
          if (isBinary) hear(IAC, DO, BINARY);
          const wire = cut([...bytes], cuts).flatMap((piece) => [...telnet.encode(piece)]);
          const shown: number[] = [];
          for (let i = 0; i < wire.length; i += 1) {
            const byte = wire[i] as number;
            shown.push(byte);
            // The reading of RFC 854: IAC IAC is one byte, a CR that is alone is followed by NUL.
            if (byte === IAC) expect(wire[(i += 1)]).toBe(IAC);
            else if (byte === 13 && !isBinary && wire[i + 1] === 0) i += 1;
            else if (byte === 13 && !isBinary) expect(wire[i + 1]).toBe(10);
          }
          expect(shown).toEqual([...bytes]);
        }),
        { numRuns: 2000 },
      );
    });
  }

  test("any bytes in any pieces mean what they mean in one piece, and are no error", () => {
    const hostile = fc.array(fc.oneof(any, fc.constant(Uint8Array.of(IAC, SB, 24, 0))), {
      maxLength: 10,
    });
    fc.assert(
      fc.property(hostile, fc.array(fc.nat()), (pieces, cuts) => {
        const all = pieces.flatMap((piece) => [...piece]);
        const [whole, parts] = [begun(), begun()];
        whole.hear(...all);
        for (const piece of cut(all, cuts)) parts.telnet.receive(piece);
        expect(parts.typed).toEqual(whole.typed);
        expect(parts.sizes).toEqual(whole.sizes);
        expect(parts.sent).toEqual(whole.sent);
        expect(parts.telnet.terminal).toBe(whole.telnet.terminal);
      }),
      { numRuns: 3000 },
    );
  });
});
