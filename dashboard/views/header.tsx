/** @jsxImportSource hono/jsx */
/** The header of each page: the name, links to the main pages, and whatever a page adds. */
import type { Child as Content } from "hono/jsx";
import { useViewer } from "../http/viewer.tsx";

const PAGES = [
  { key: "tree", path: "/" },
  { key: "charts", path: "/charts" },
  { key: "history", path: "/history" },
  { key: "audit", path: "/audit" },
] as const;

interface Props {
  /** The page that this is, if it is one of those. */
  current?: (typeof PAGES)[number]["key"];
  children?: Content;
}

export function Header({ current, children }: Props) {
  const { texts, mayOperate } = useViewer();
  const { nav } = texts;
  return (
    <header>
      <h1>brood</h1>
      <nav aria-label={nav.label}>
        {PAGES.map(({ key, path }) => (
          <a href={path} aria-current={key === current ? "page" : undefined}>
            {nav[key]}
          </a>
        ))}
      </nav>
      {!mayOperate && (
        <p class="read-only" title={nav.readOnlyMeans}>
          {nav.readOnly}
        </p>
      )}
      {children}
    </header>
  );
}
