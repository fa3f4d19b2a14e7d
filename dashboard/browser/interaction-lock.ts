/**
 * When nothing may move. A live list that shifts between the aim and the click makes people kill
 * the wrong process (htop's users know it), so while somebody is at it, it keeps still.
 */

/** After a touch (ms), as long as a finger may take to come down again. */
const TOUCH_HOLD = 2000;

const hovers = matchMedia("(hover: hover)");
const touchedAt = new WeakMap<Element, number>();

/** Calls `release` when the pointer or the focus leaves `place`. */
export function watchInteraction(place: Element, release: () => void): void {
  place.addEventListener("pointerleave", release);
  // Where the focus goes is known only after it has left.
  place.addEventListener("focusout", () => setTimeout(release));
  place.addEventListener("touchstart", () => touchedAt.set(place, performance.now()), {
    passive: true,
  });
}

/** True while the pointer points into `place`, or a menu or a question about it is open. */
export function isPointedAt(place: Element): boolean {
  const touched = performance.now() - (touchedAt.get(place) ?? -Infinity) < TOUCH_HOLD;
  // On a touch screen :hover stays where the last tap was.
  const hovered = hovers.matches && place.matches(":hover");
  return touched || hovered || isAsking();
}

/** True while the focus is on something inside `place`. */
export function hasFocus(place: Element): boolean {
  const focused = document.activeElement;
  return focused !== null && focused !== place && place.contains(focused);
}

function isAsking(): boolean {
  return document.querySelector("#menu:popover-open, #dialog[open]") !== null;
}

/** Says beside `place` whether it is held. */
export function showLockNote(place: Element, held: boolean): void {
  const note = place.closest("section")?.querySelector(".lock-note");
  if (note instanceof HTMLElement) note.hidden = !held;
}
