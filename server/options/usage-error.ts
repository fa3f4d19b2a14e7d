/** What the user got wrong, in one line: which flag, which value, what would be right. Exit status 2. */
export class UsageError extends Error {}

export function badValue(flag: string, text: string, wanted: string): UsageError {
  return new UsageError(`--${flag}: ${JSON.stringify(text)} is not ${wanted}.`);
}
