/** The server's side of telnet, without a network: any bytes, in any pieces. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createTelnetServer } from "../../../../server/child/telnet/server.ts";

const [IAC, DONT, DO, WONT, WILL, SB, SE] = [255, 254, 253, 252, 251, 250, 240] as const;
const [BINARY, ECHO, SGA, TIMING_MARK, TTYPE, NAWS] = [0, 1, 3, 6, 24, 31] as const;

/** A server that has begun to negotiate, and what it sent and received. */
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
    receive: (...bytes: number[]) => telnet.receive(Buffer.from(bytes)),
    sends: () => sends,
    /** Returns what was sent since the last call. */
    takeSent: () => sent.splice(0),
    /** Returns what was typed since the last call, as text. */
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

  test("answers are not answered, and negotiation is over when the window and the terminal are known", () => {
    const { telnet, receive, takeSent, sizes } = begun();
    takeSent();
    receive(IAC, DO, ECHO, IAC, DO, SGA, IAC, WILL, SGA, IAC, WILL, NAWS);
    expect(takeSent()).toEqual([]);
    receive(IAC, WILL, TTYPE);
    expect(takeSent()).toEqual([IAC, SB, TTYPE, 1, IAC, SE]);
    receive(IAC, SB, NAWS, 0, 132, 0, 43, IAC, SE);
    expect(sizes).toEqual([[132, 43]]);
    expect(telnet.isNegotiated).toBe(false);
    receive(IAC, SB, TTYPE, 0, ...text("XTERM-256COLOR"), IAC, SE);
    expect(telnet).toMatchObject({ isNegotiated: true, terminalName: "xterm-256color" });
  });

  test("negotiation is over, too, when the client has neither", () => {
    const { telnet, receive, takeSent } = begun();
    takeSent();
    receive(IAC, WONT, TTYPE, IAC, WONT, NAWS, IAC, DONT, ECHO);
    expect(takeSent()).toEqual([]);
    expect(telnet).toMatchObject({ isNegotiated: true, terminalName: null });
  });

  test("an unknown option is refused, and a repeated request is answered once", () => {
    const { receive, takeSent } = begun();
    takeSent();
    receive(IAC, WILL, 39, IAC, DO, 39, IAC, DONT, 39, IAC, WONT, 39);
    expect(takeSent()).toEqual([IAC, DONT, 39, IAC, WONT, 39]);
    receive(IAC, DO, BINARY, IAC, DO, BINARY, IAC, WILL, BINARY, IAC, WILL, BINARY);
    expect(takeSent()).toEqual([IAC, WILL, BINARY, IAC, DO, BINARY]);
    receive(IAC, DONT, BINARY, IAC, DONT, BINARY);
    expect(takeSent()).toEqual([IAC, WONT, BINARY]);
    receive(IAC, DO, TIMING_MARK, IAC, DO, TIMING_MARK);
    expect(takeSent()).toEqual([IAC, WILL, TIMING_MARK, IAC, WILL, TIMING_MARK]);
  });

  test("two servers stop negotiating, whatever each of them received before", () => {
    const options = fc.constantFrom(BINARY, ECHO, SGA, TTYPE, NAWS, 39);
    const commands = fc.array(
      fc.tuple(fc.constant(IAC), fc.constantFrom(WILL, WONT, DO, DONT), options),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(commands, commands, (first, second) => {
        const [one, other] = [begun(), begun()];
        one.receive(...first.flat());
        other.receive(...second.flat());
        for (let turn = 0; turn < 200; turn += 1) {
          const [a, b] = [one.takeSent(), other.takeSent()];
          if (a.length + b.length === 0) return;
          other.receive(...a);
          one.receive(...b);
        }
        throw new Error("they still negotiate");
      }),
    );
  });

  test("an invalid name and an incomplete size are ignored, and a huge size is limited", () => {
    const { telnet, receive, sizes } = begun();
    receive(IAC, WILL, TTYPE, IAC, WILL, NAWS);
    for (const name of ["", "-x", "a b", "x;rm", "\x1b[2J", "x".repeat(41), "x".repeat(100_000)]) {
      receive(IAC, SB, TTYPE, 0, ...text(name), IAC, SE);
      expect(telnet.terminalName).toBeNull();
    }
    receive(IAC, SB, NAWS, 0, 80, IAC, SE);
    expect(sizes).toEqual([]);
    receive(IAC, SB, NAWS, IAC, IAC, IAC, IAC, 0, 1, IAC, SE);
    expect(sizes).toEqual([[1000, 1]]);
  });

  test("either half of a window's size may be unknown", () => {
    const { receive, sizes } = begun();
    for (const size of [
      [0, 132, 0, 0],
      [0, 0, 0, 43],
      [0, 0, 0, 0],
    ]) {
      receive(IAC, SB, NAWS, ...size, IAC, SE);
    }
    expect(sizes).toEqual([
      [132, null],
      [null, 43],
      [null, null],
    ]);
  });

  test("a client that keeps asking is no longer answered, and a refusal is still obeyed", () => {
    const { telnet, receive, takeSent } = begun();
    receive(IAC, DO, BINARY, IAC, WILL, BINARY);
    takeSent();
    for (let i = 0; i < 1000; i += 1) receive(IAC, DO, 39, IAC, WILL, 39);
    expect(takeSent().length).toBe(2 * 3 * 99); // 100 on each side, with those
    receive(IAC, DONT, BINARY, IAC, WONT, BINARY);
    expect(takeSent()).toEqual([IAC, WONT, BINARY, IAC, DONT, BINARY]);
    expect([...telnet.encode(Buffer.from("\r"))]).toEqual([13, 0]);
    receive(IAC, DO, BINARY, IAC, DO, ECHO);
    expect(takeSent()).toEqual([]);
    expect([...telnet.encode(Buffer.from("\r"))]).toEqual([13, 0]);
  });

  test("the signs of life for one piece of bytes are limited and sent at once", () => {
    for (const request of [
      [IAC, 0xf6],
      [IAC, DO, TIMING_MARK],
    ]) {
      const { telnet, sends, takeSent } = begun();
      takeSent();
      const before = sends();
      telnet.receive(Buffer.concat(Array.from({ length: 100_000 }, () => Buffer.from(request))));
      expect(sends() - before).toBe(1);
      expect(takeSent().length).toBeLessThan(1000);
      telnet.receive(Buffer.from(request));
      expect(takeSent()).not.toEqual([]);
    }
  });
});

describe("typing", () => {
  test("the return key is CR, and telnet's commands are keys", () => {
    const { receive, takeTyped, takeSent } = begun();
    takeSent();
    receive(...text("a\r\0b\r\nc\rd\n"));
    expect(takeTyped()).toBe("a\rb\rc\rd\n");
    receive(IAC, 0xf4, IAC, 0xf3, IAC, 0xf7, IAC, 0xf8, IAC, 0xec, IAC, 0xed, IAC, 0xee);
    expect(takeTyped()).toBe("\x03\x03\x7f\x15\x04\x1a\x1c");
    receive(IAC, 0xf1, IAC, 0xf2, IAC, 0xf5, IAC, 0xf9, IAC, 0xef, ...text("x"), IAC, IAC);
    expect(takeTyped()).toBe("x\xff");
    expect(takeSent()).toEqual([]);
    receive(IAC, 0xf6);
    expect(Buffer.from(takeSent()).toString()).toBe("\r\n[yes]\r\n");
  });

  test("a command between a CR and an LF makes them two keys", () => {
    const { receive, takeTyped } = begun();
    receive(13, IAC, 0xf4, 10);
    expect(takeTyped()).toBe("\r\x03\n");
    receive(13, IAC, IAC, 10);
    expect(takeTyped()).toBe("\r\xff\n");
    receive(13, IAC, WILL, BINARY, 0);
    expect(takeTyped()).toBe("\r\0");
  });

  const bytes = fc.uint8Array({ maxLength: 200 });
  const special = fc.array(fc.constantFrom(0, 10, 13, 255, 240, 250, 251, 65), { maxLength: 60 });
  const any = fc.oneof(
    bytes,
    special.map((one) => Uint8Array.from(one)),
  );

  /** Cuts bytes into pieces. */
  function cut(all: readonly number[], cuts: readonly number[]): Buffer[] {
    const places = [0, ...cuts.map((c) => c % (all.length + 1)), all.length];
    places.sort((a, b) => a - b);
    return places.slice(1).map((end, i) => Buffer.from(all.slice(places[i], end)));
  }

  for (const isBinary of [false, true]) {
    const mode = isBinary ? "in binary mode" : "in text mode";
    test(`whatever a client types is received unchanged, ${mode}, in any pieces, among commands`, () => {
      const noise = fc.constantFrom<number[]>(
        [],
        [IAC, 0xf1],
        [IAC, WILL, 39],
        [IAC, SB, 39, 1, 2, IAC, IAC, IAC, SE],
      );
      const typing = fc.array(fc.tuple(any, noise), { maxLength: 8 });
      fc.assert(
        fc.property(typing, fc.array(fc.nat()), (typing, cuts) => {
          const { telnet, receive, typed } = begun();
          if (isBinary) receive(IAC, WILL, BINARY);
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

    test(`whatever a program prints is shown unchanged, ${mode}, in any pieces`, () => {
      fc.assert(
        fc.property(any, fc.array(fc.nat()), (bytes, cuts) => {
          const { telnet, receive } = begun();
          if (isBinary) receive(IAC, DO, BINARY);
          const wire = cut([...bytes], cuts).flatMap((piece) => [...telnet.encode(piece)]);
          const shown: number[] = [];
          for (let i = 0; i < wire.length; i += 1) {
            const byte = wire[i] as number;
            shown.push(byte);
            // RFC 854: IAC IAC is one byte, and a CR by itself is followed by NUL.
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

  test("any bytes mean the same in any pieces, and none are an error", () => {
    const hostile = fc.array(fc.oneof(any, fc.constant(Uint8Array.of(IAC, SB, 24, 0))), {
      maxLength: 10,
    });
    fc.assert(
      fc.property(hostile, fc.array(fc.nat()), (pieces, cuts) => {
        const all = pieces.flatMap((piece) => [...piece]);
        const [whole, parts] = [begun(), begun()];
        whole.receive(...all);
        for (const piece of cut(all, cuts)) parts.telnet.receive(piece);
        expect(parts.typed).toEqual(whole.typed);
        expect(parts.sizes).toEqual(whole.sizes);
        expect(parts.sent).toEqual(whole.sent);
        expect(parts.telnet.terminalName).toBe(whole.telnet.terminalName);
      }),
      { numRuns: 3000 },
    );
  });
});
