/**
 * Returns the CPU time in milliseconds that this process has used so far. Costs are measured by it
 * and not by the clock, because on a busy machine other processes run in between.
 */
export function cpuTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
