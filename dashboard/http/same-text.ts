/** Compares a secret; takes the same time wherever the texts differ. */
export function isSameText(a: string, b: string): boolean {
  const digest = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest();
  return crypto.timingSafeEqual(digest(a), digest(b));
}
