/**
 * Whether the kernel has confined the calling thread as asked; if not, why:
 * a phrase for the operator.
 */
export type ConfineOutcome = { ok: true } | { ok: false; reason: string };
