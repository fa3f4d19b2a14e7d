/** Everything but some paths, as a list: what an allow-list such as Landlock's needs to leave them out. */

export interface PathsBeside {
  /** Together they hold every file of the system that exists now, except for the excluded ones and `ancestors`. */
  paths: string[];
  /** The directories above the excluded ones: none of them may be granted anything that counts for all below it. */
  ancestors: string[];
}

/** `excluded`: absolute paths, which need not exist. */
export function pathsBeside(_excluded: readonly string[]): PathsBeside {
  throw new Error("not written yet");
}
