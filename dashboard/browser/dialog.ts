/**
 * How a signal is sent: a kill button or the menu of signals, then the question, then the outcome.
 */
import { element, isPlainClick, parse } from "./dom.ts";

declare const htmx: { process(element: Element): void };

/** Does nothing on the page of a viewer who may only watch: it has no dialog. */
export function watchDialog(): void {
  if (document.getElementById("dialog") === null) return;
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !isPlainClick(event)) return;
    const link = event.target.closest("a");
    if (link === null) return;
    if (link.matches(".kill, [data-signal], [data-question]")) void openQuestion(link.href);
    else if (link.matches(".signals")) openMenu(link);
    else if (link.matches("dialog [data-close]")) dialog().close();
    else return;
    event.preventDefault();
  });
  element("menu").addEventListener("keydown", moveInMenu);
  // The outcome is shown on the page, not in the dialog.
  dialog().addEventListener("htmx:before:request", () => dialog().close());
  dialog().addEventListener("htmx:error", () => announceFailure(dialog().dataset.unsure));
}

function dialog(): HTMLDialogElement {
  return element("dialog") as HTMLDialogElement;
}

let questionCount = 0;

/**
 * Fetches a question from the server, which knows whether the child is still live, and shows it in
 * the dialog. With a `form`, it is requested by POST.
 */
export async function openQuestion(path: string, form?: URLSearchParams): Promise<void> {
  questionCount += 1;
  const question = questionCount;
  element("menu").hidePopover();
  const method = form === undefined ? {} : { method: "POST", body: form };
  const headers = { "HX-Request": "true" };
  const response = await fetch(path, { ...method, headers }).catch(() => null);
  const html = await response?.text().catch(() => null);
  // A question must never turn into another one under the pointer.
  if (question !== questionCount || dialog().open) return;
  if (response === null || typeof html !== "string") {
    return announceFailure(dialog().dataset.noAnswer);
  }
  if (!response.ok) return element("outcome").replaceChildren(parse(html));
  dialog().replaceChildren(parse(html));
  htmx.process(dialog());
  dialog().showModal();
}

function openMenu(opener: HTMLAnchorElement): void {
  const menu = element("menu");
  element("menu-title").textContent = opener.dataset.subject ?? "";
  for (const item of menu.querySelectorAll<HTMLAnchorElement>("[data-signal]")) {
    const query = new URLSearchParams(opener.search);
    query.set("signal", item.dataset.signal ?? "");
    item.href = `${opener.pathname}?${query}`;
  }
  updateSourceItem(opener.dataset.source);
  menu.showPopover();
  placeBeside(menu, opener.getBoundingClientRect());
  menu.querySelector("a")?.focus();
}

/** Sets the menu item that selects all children of the same source, on a page that has it. */
function updateSourceItem(source?: string): void {
  const item = document.querySelector<HTMLAnchorElement>("#select-source");
  if (item === null) return;
  item.hidden = source === undefined;
  const query = new URLSearchParams({ source: source ?? "" });
  item.href = `/kill?${query}`;
  item.dataset.select = `/kill/ids?${query}`;
  item.textContent = (item.dataset.text ?? "").replace("#", () => source ?? "");
}

/** The arrow keys work as in any menu. */
function moveInMenu(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const items = [...element("menu").querySelectorAll<HTMLElement>("a:not([hidden])")];
  const next = items.findIndex((item) => item === document.activeElement) + step;
  items.at(next % items.length)?.focus();
  event.preventDefault();
}

/** Below the button, or above it if there is no room below. */
function placeBeside(menu: HTMLElement, button: DOMRect): void {
  const { width, height } = menu.getBoundingClientRect();
  const fitsBelow = button.bottom + height <= innerHeight;
  menu.style.left = `${Math.max(4, button.right - width)}px`;
  menu.style.top = `${fitsBelow ? button.bottom : Math.max(4, button.top - height)}px`;
}

/** Shows a sentence that the server put into the page, in the viewer's language. */
export function announceFailure(sentence = ""): void {
  const outcome = document.createElement("p");
  outcome.className = "outcome";
  outcome.dataset.tone = "bad";
  outcome.textContent = sentence;
  element("outcome").replaceChildren(outcome);
}
