import { createLruMap } from "../../shared/lru-map.ts";

/** The newest text that was made of each thing, for as long as that looks the same: whoever shows it shares it. */
export type RenderCache = (key: string, look: string, make: () => string) => string;

/** Keeps `most` of them; of more, those used last. */
export function createRenderCache(most: number): RenderCache {
  const kept = createLruMap<string, { look: string; text: string }>(most);
  return (key, look, make) => {
    const known = kept.get(key);
    if (known?.look === look) return known.text;
    const text = make();
    kept.set(key, { look, text });
    return text;
  };
}
