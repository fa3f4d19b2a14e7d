/** @jsxImportSource hono/jsx */
/**
 * A link to another view of the same page. htmx swaps the view in; without
 * JavaScript it is a plain link.
 */
import type { Child as Content } from "hono/jsx";
import { type View, viewQuery } from "../view.ts";

/** Makes an element fetch a view and swap in the part of the page that depends on it. */
export const SWAP_VIEW_ATTRIBUTES = {
  "hx-target": "#view",
  "hx-select": "#view",
  "hx-swap": "outerMorph",
};

interface Props {
  view: View;
  change: Partial<View>;
  id: string;
  class?: string;
  label?: string;
  children: Content;
}

export function ViewLink({ view, change, id, label, children, ...rest }: Props) {
  const href = `/${viewQuery(view, change)}`;
  return (
    <a id={id} href={href} hx-get={href} aria-label={label} {...SWAP_VIEW_ATTRIBUTES} {...rest}>
      {children}
    </a>
  );
}
