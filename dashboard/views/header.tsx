/** @jsxImportSource hono/jsx */
/** The head of each page: whose it is, the way to the others, and what a page adds of its own. */
import type { Child as Content } from "hono/jsx";
import { useViewer } from "../http/viewer.tsx";

const PAGES = [
  { key: "tree", path: "/" },
  { key: "charts", path: "/charts" },
  { key: "history", path: "/history" },
  { key: "audit", path: "/audit" },
] as const;

interface Props {
  /** None, where a page is not one of these. */
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
