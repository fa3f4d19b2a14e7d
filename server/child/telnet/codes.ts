/** The bytes of telnet: its commands (RFC 854) and the options that brood knows. */

/** Interpret As Command: the byte that begins each command. */
export const IAC = 0xff;

export const DONT = 0xfe;
export const DO = 0xfd;
export const WONT = 0xfc;
export const WILL = 0xfb;

/** The beginning and the end of a subnegotiation. */
export const SB = 0xfa;
export const SE = 0xf0;

export const ARE_YOU_THERE = 0xf6;

export const BINARY = 0; // RFC 856
export const ECHO = 1; // RFC 857
export const SUPPRESS_GO_AHEAD = 3; // RFC 858
export const TIMING_MARK = 6; // RFC 860
export const TERMINAL_TYPE = 24; // RFC 1091
export const WINDOW_SIZE = 31; // RFC 1073
