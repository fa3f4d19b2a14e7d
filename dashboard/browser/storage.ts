/**
 * The browser's storage: permanent (`localStorage`), or as long as the tab
 * is open (`sessionStorage`).
 */

/** Returns null if the browser is set to store nothing: then even reading the property throws. */
export function openStorage(name: "localStorage" | "sessionStorage"): Storage | null {
  try {
    return window[name];
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}
