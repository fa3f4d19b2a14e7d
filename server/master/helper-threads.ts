/**
 * JavaScriptCore has threads that collect garbage and compile. They end when they are idle, and any
 * thread that needs one starts it again. One that the spawning thread has started is in the
 * children's sandbox, so Landlock lets children signal it; and a signal to the ID of a thread goes
 * to the whole process: SIGKILL ends the master.
 *
 * Only options that are read at the start of a process avoid these threads. The master is not
 * busy enough to miss them.
 */
const WITHOUT_HELPER_THREADS = {
  BUN_JSC_useConcurrentGC: "0",
  BUN_JSC_numberOfGCMarkers: "1",
  BUN_JSC_useConcurrentJIT: "0",
};

/**
 * Executes this program again (execve(2)) with these options in its environment, unless they
 * are there already. It keeps its PID and its descriptors. Root does without: no child of
 * its server may signal it.
 * @throws if that fails
 */
export function withoutHelperThreads(): void {
  if (process.platform !== "linux" || process.getuid?.() === 0) return;
  const options = Object.entries(WITHOUT_HELPER_THREADS);
  if (options.every(([name, value]) => process.env[name] === value)) return;
  const file = process.execPath;
  const entry = Bun.isStandaloneExecutable ? [] : [...process.execArgv, Bun.main];
  const command = [file, ...entry, ...process.argv.slice(2)];
  process.execve?.(file, command, { ...process.env, ...WITHOUT_HELPER_THREADS });
}
