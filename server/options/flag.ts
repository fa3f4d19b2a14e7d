export interface Flag {
  value: string;
  fallback: string;
  help: string;
  /** It may be given more than once. */
  list?: true;
  /** It is on or off: as a flag it stands without a value. */
  switch?: true;
  /** Words that it may be. */
  choices?: readonly string[];
}
