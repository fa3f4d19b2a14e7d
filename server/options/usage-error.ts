/**
 * A mistake of the user's, in one line: which flag, which value, what
 * would be valid. Exit status 2.
 */
export class UsageError extends Error {}

/** `pretty, tutorial or json` */
export function orList(names: readonly string[]): string {
  return names.join(", ").replace(/, (?=[^,]*$)/, " or ");
}

/** `expected` completes the sentence "… is not …". */
export function badValue(flag: string, text: string, expected: string): UsageError {
  return new UsageError(`--${flag}: ${JSON.stringify(text)} is not ${expected}.`);
}
