/** What a viewer of a child's page has chosen to see. It lives in the page's address. */

export interface ChildView {
  /** Shows what the client sent. */
  contents: boolean;
  paused: boolean;
}

/** Parses an untrusted query. */
export function parseChildView(query: Record<string, string>): ChildView {
  return { contents: query.contents === "1", paused: query.paused === "1" };
}

/** Returns the path of a child's page, with the query of its view. */
export function childPath(id: string, view: Partial<ChildView> = {}): string {
  return `/children/${encodeURIComponent(id)}${childQuery(view)}`;
}

export function childQuery({ contents, paused }: Partial<ChildView>): string {
  const query = new URLSearchParams();
  if (contents) query.set("contents", "1");
  if (paused) query.set("paused", "1");
  return query.size === 0 ? "" : `?${query}`;
}
