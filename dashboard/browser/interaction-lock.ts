/**
 * Locks a live list while someone is using it. A list that shifts between aiming and clicking makes
 * people kill the wrong process (users of htop know this), so it does not move as long as the
 * pointer or the focus is in it.
 */

/** How long the lock lasts after a touch: the next tap may follow within this time. */
const TOUCH_LOCK_MS = 2000;

const canHover = matchMedia("(hover: hover)");
const touchedAt = new WeakMap<Element, number>();

/**
 * Calls `onRelease` when the pointer or the focus leaves `list`, so that the lock may have ended.
 */
export function watchInteraction(list: Element, onRelease: () => void): void {
  list.addEventListener("pointerleave", onRelease);
  // Where the focus goes is known only after the event.
  list.addEventListener("focusout", () => setTimeout(onRelease));
  list.addEventListener("touchstart", () => touchedAt.set(list, performance.now()), {
    passive: true,
  });
}

/** True while the pointer is in `list`, or a menu or a question is open. */
export function isPointedAt(list: Element): boolean {
  const sinceTouchMs = performance.now() - (touchedAt.get(list) ?? -Infinity);
  // On a touch screen, :hover stays wherever the last tap was.
  const isHovered = canHover.matches && list.matches(":hover");
  return sinceTouchMs < TOUCH_LOCK_MS || isHovered || isDialogOpen();
}

/** True while the focus is on something inside `list`. */
export function hasFocus(list: Element): boolean {
  const focused = document.activeElement;
  return focused !== null && focused !== list && list.contains(focused);
}

function isDialogOpen(): boolean {
  return document.querySelector("#menu:popover-open, #dialog[open]") !== null;
}

/** Shows or hides the note next to `list` that says it is locked. */
export function showLockNote(list: Element, isLocked: boolean): void {
  const note = list.closest("section")?.querySelector(".lock-note");
  if (note instanceof HTMLElement) note.hidden = !isLocked;
}
