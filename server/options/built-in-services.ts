/** Services that are part of the child's own program, by the name that --service takes. */
export const BUILT_INS = ["time", "echo"] as const;

export type BuiltIn = (typeof BUILT_INS)[number];
