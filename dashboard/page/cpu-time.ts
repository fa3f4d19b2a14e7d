/**
 * Milliseconds of a processor that this process has used so far. What work costs is told by this and not by the
 * clock: on a busy machine others run in between.
 */
export function cpuTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
