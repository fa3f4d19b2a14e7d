/** The way to a signal: a button, for some the menu, the question, the answer. */
import { element, isPlainClick, parse } from "./dom.ts";

declare const htmx: { process(element: Element): void };

export function watchDialog(): void {
  // Who may only look has neither.
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
  // The answer comes beside the page, not in the dialog.
  dialog().addEventListener("htmx:before:request", () => dialog().close());
  dialog().addEventListener("htmx:error", () => {
    announce(dialog().dataset.unsure);
  });
}

function dialog(): HTMLDialogElement {
  return element("dialog") as HTMLDialogElement;
}

let asked = 0;

/** Lets the server put the question: it knows whether the child still lives, and who it is. With a `form` it is posted. */
export async function openQuestion(path: string, form?: URLSearchParams): Promise<void> {
  asked += 1;
  const mine = asked;
  element("menu").hidePopover();
  const how = form === undefined ? {} : { method: "POST", body: form };
  const headers = { "HX-Request": "true" };
  const answer = await fetch(path, { ...how, headers }).catch(() => null);
  const text = await answer?.text().catch(() => null);
  // A question never changes into another one under the pointer.
  if (mine !== asked || dialog().open) return;
  if (answer === null || typeof text !== "string") {
    return announce(dialog().dataset.noAnswer);
  }
  if (!answer.ok) return element("outcome").replaceChildren(parse(text));
  dialog().replaceChildren(parse(text));
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
  showSource(opener.dataset.source);
  menu.showPopover();
  placeBeside(menu, opener.getBoundingClientRect());
  menu.querySelector("a")?.focus();
}

/** The way to all that come from where this one does, on a page that has it. */
function showSource(source?: string): void {
  const item = document.querySelector<HTMLAnchorElement>("#select-source");
  if (item === null) return;
  item.hidden = source === undefined;
  const query = new URLSearchParams({ source: source ?? "" });
  item.href = `/kill?${query}`;
  item.dataset.select = `/kill/ids?${query}`;
  item.textContent = (item.dataset.text ?? "").replace("#", () => source ?? "");
}

/** The arrow keys, as in every menu. */
function moveInMenu(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const items = [...element("menu").querySelectorAll<HTMLElement>("a:not([hidden])")];
  const next = items.findIndex((item) => item === document.activeElement) + step;
  items.at(next % items.length)?.focus();
  event.preventDefault();
}

/** Below the button, or above it where there is no room. */
function placeBeside(menu: HTMLElement, button: DOMRect): void {
  const { width, height } = menu.getBoundingClientRect();
  const below = button.bottom + height <= innerHeight;
  menu.style.left = `${Math.max(4, button.right - width)}px`;
  menu.style.top = `${below ? button.bottom : Math.max(4, button.top - height)}px`;
}

/** A sentence that the page came with, in its language. */
export function announce(sentence = ""): void {
  const outcome = document.createElement("p");
  outcome.className = "outcome";
  outcome.dataset.tone = "bad";
  outcome.textContent = sentence;
  element("outcome").replaceChildren(outcome);
}
