/** A mistake of the user's, in one line: which flag, which value, what would be valid. Exit status 2. */
export class UsageError extends Error {}

/** `wanted` completes the sentence "… is not …". */
export function badValue(flag: string, text: string, wanted: string): UsageError {
  return new UsageError(`--${flag}: ${JSON.stringify(text)} is not ${wanted}.`);
}
