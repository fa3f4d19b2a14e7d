/** One flag of `serve`, as the tables in flags.ts and confine-flags.ts describe it. */
export interface Flag {
  /** A name for its value, in capitals; empty for a switch. */
  value: string;
  /** Its default, as text; empty if there is none, or the help explains it. */
  fallback: string;
  help: string;
  /** It may be given more than once. */
  list?: true;
  /** It is on or off, and given without a value. */
  switch?: true;
  /** Words that it may be, apart from other values. */
  choices?: readonly string[];
}
