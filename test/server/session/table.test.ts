import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Session } from "../../../server/session/session.ts";
import { createTable } from "../../../server/session/table.ts";

test("whatever comes and goes, every count is that of the rows", () => {
  const step = fc.oneof(
    fc.record({ add: fc.constantFrom("192.0.2.1", "192.0.2.2", "2001:db8::/64") }),
    fc.record({ remove: fc.nat(20) }),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const table = createTable("x");
      const added: Session[] = [];
      let peak = 0;
      for (const step of steps) {
        if ("add" in step) {
          const session = { id: table.nextId(), source: step.add } as Session;
          table.add(session);
          added.push(session);
        } else {
          const session = added[step.remove];
          if (session !== undefined) table.remove(session); // perhaps once more
        }
        peak = Math.max(peak, table.live.size);
      }
      const rows = [...table.live.values()];
      const accepted = added.length;
      expect(table.counts()).toEqual({ accepted, ended: accepted - rows.length, peak });
      for (const { source } of added) {
        expect(table.countOf(source)).toBe(rows.filter((row) => row.source === source).length);
      }
      expect(table.countOf("192.0.2.3")).toBe(0);
      for (const session of added) {
        expect(table.find(session.id)).toBe(rows.includes(session) ? session : "already ended");
      }
    }),
  );
});

test("an ID is known to have ended only if there was such a session", () => {
  const table = createTable("x");
  expect(table.nextId()).toBe("x-1");
  const session = { id: "x-1", source: "192.0.2.1" } as Session;
  table.add(session);
  table.remove(session);
  expect(table.find("x-1")).toBe("already ended");
  for (const id of ["x-2", "x-0", "x-01", "x-1.0", "x--1", "x-", "y-1", "1", ""]) {
    expect(table.find(id)).toBe("unknown");
  }
});
