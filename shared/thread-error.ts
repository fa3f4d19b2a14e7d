/**
 * Returns what the error of a thread says, from the message of the thread's "error" event. Bun puts
 * lines of code before it, and the stack after it.
 */
export function threadErrorText(message: string): string {
  return /^(?:error|\w*Error): (.+)$/m.exec(message)?.[1] ?? message;
}
