/**
 * What is wrong with the history. The log gets the beginning and the end of it; the
 * page shows it in between.
 */

/** Where something can be wrong, the most serious first. */
const PARTS = ["start", "write", "fallback", "maintenance"] as const;

type Part = (typeof PARTS)[number];

export interface Problems {
  /** Sets what is wrong with a part; null if nothing is. */
  set(part: Part, reason: string | null): void;
  /** Returns the most serious problem, or null. */
  current(): string | null;
}

export function trackProblems(warn: (message: string) => void): Problems {
  const reasons: Partial<Record<Part, string | null>> = {};

  function current(): string | null {
    return PARTS.map((part) => reasons[part] ?? null).find((reason) => reason !== null) ?? null;
  }

  return {
    current,
    set(part, reason) {
      const before = current();
      reasons[part] = reason;
      const after = current();
      if (before === null && after !== null) warn(`history: ${after}`);
      if (before !== null && after === null) warn("history: everything is stored again");
    },
  };
}
