/** What the browser keeps for us: for good (`localStorage`), or as long as the tab (`sessionStorage`). */

/** Null where it keeps nothing for anyone, and throws for saying so. */
export function openStorage(name: "localStorage" | "sessionStorage"): Storage | null {
  try {
    return window[name];
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}
