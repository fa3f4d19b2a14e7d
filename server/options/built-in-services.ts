export const BUILT_INS = ["time", "echo"] as const;

export type BuiltIn = (typeof BUILT_INS)[number];
