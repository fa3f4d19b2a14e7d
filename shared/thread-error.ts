/**
 * Returns what the error of a thread says, from the message of the thread's "error" event: Bun reports it as it prints an
 * error, after lines of the code and before the stack.
 */
export function threadErrorText(message: string): string {
  return /^(?:error|\w*Error): (.+)$/m.exec(message)?.[1] ?? message;
}
