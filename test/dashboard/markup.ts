/** What a page's markup says, read by a parser and not by its looks. */

export interface Element {
  tag: string;
  attributes: Record<string, string>;
  /** With the entities of the markup resolved. */
  text: string;
}

/** The elements that match a CSS selector, in the order of the page. */
export function select(html: string, selector: string): Element[] {
  const found: Element[] = [];
  new HTMLRewriter()
    .on(selector, {
      element: ({ tagName, attributes }) => {
        const resolved = Array.from(attributes, ([name, value]) => [name, resolveEntities(value)]);
        found.push({ tag: tagName, attributes: Object.fromEntries(resolved), text: "" });
      },
      text: ({ text }) => {
        const last = found.at(-1);
        if (last !== undefined) last.text += text;
      },
    })
    .transform(html);
  return found.map((element) => ({ ...element, text: resolveEntities(element.text) }));
}

/** Their texts, a line each. */
export function textOf(html: string, selector: string): string {
  return select(html, selector)
    .map(({ text }) => text)
    .join("\n");
}

const ENTITIES: Record<string, string> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&amp;": "&",
};

function resolveEntities(text: string): string {
  return text.replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}
