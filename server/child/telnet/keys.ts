/** What a client typed, out of the data and the commands of its telnet. Pure. */

const CR = 0x0d;
const LF = 0x0a;
const NUL = 0;

/**
 * The keys that telnet's commands stand for. The terminal's line
 * discipline turns them into signals.
 */
const KEYS: Partial<Record<number, number>> = {
  0xec: 0x04, // EOF: Ctrl-D
  0xed: 0x1a, // SUSP: Ctrl-Z
  0xee: 0x1c, // ABORT: Ctrl-\
  0xf3: 0x03, // BRK: Ctrl-C
  0xf4: 0x03, // IP: Ctrl-C
  0xf7: 0x7f, // EC: delete
  0xf8: 0x15, // EL: Ctrl-U
};

export interface TelnetKeys {
  /**
   * `isBinary`: the client sends its bytes unchanged. Otherwise its return key is CR NUL or CR LF.
   */
  data(bytes: Buffer, isBinary: boolean): void;
  /** Any command; `code` is that of a command of two bytes. */
  command(code?: number): void;
  /** Returns the keys since the last call. */
  take(): Buffer;
}

export function createTelnetKeys(): TelnetKeys {
  let keys: number[] = [];
  let afterCr = false;

  return {
    data(bytes, isBinary) {
      for (const byte of bytes) {
        const isSecondHalf = afterCr && (byte === NUL || byte === LF);
        afterCr = byte === CR && !isBinary;
        if (!isSecondHalf) keys.push(byte);
      }
    },
    command(code) {
      afterCr = false; // a CR and an LF with a command between them are two keys
      const key = code === undefined ? undefined : KEYS[code];
      if (key !== undefined) keys.push(key);
    },
    take() {
      const taken = Buffer.from(keys);
      keys = [];
      return taken;
    },
  };
}
