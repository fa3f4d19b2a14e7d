import { createLruMap } from "../../shared/lru-map.ts";

/**
 * Returns the text last rendered for `key` if `version` is still the same, and renders it
 * otherwise. All tabs share the text.
 */
export type RenderCache = (key: string, version: string, render: () => string) => string;

/** Caches up to `max` texts, the most recently used. */
export function createRenderCache(max: number): RenderCache {
  const cache = createLruMap<string, { version: string; text: string }>(max);
  return (key, version, render) => {
    const known = cache.get(key);
    if (known?.version === version) return known.text;
    const text = render();
    cache.set(key, { version, text });
    return text;
  };
}
