/** The newest text that was made of each thing, for as long as that looks the same: whoever shows it shares it. */
export type RenderCache = (key: string, look: string, make: () => string) => string;

/** Keeps `most` of them; of more, those made last. */
export function createRenderCache(most: number): RenderCache {
  const kept = new Map<string, { look: string; text: string }>();
  return (key, look, make) => {
    const known = kept.get(key);
    if (known?.look === look) return known.text;
    const text = make();
    kept.delete(key);
    kept.set(key, { look, text });
    const [oldest] = kept.keys();
    if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    return text;
  };
}
