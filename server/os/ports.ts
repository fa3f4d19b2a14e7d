/** Sets of TCP ports, as an allow-list or as its opposite. */

export type Ports = "all" | "none" | { only: readonly number[] } | { except: readonly number[] };

export function isAllowed(ports: Ports, port: number): boolean {
  if (ports === "all" || ports === "none") return ports === "all";
  return "only" in ports ? ports.only.includes(port) : !ports.except.includes(port);
}
