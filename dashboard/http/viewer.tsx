/** @jsxImportSource hono/jsx */
/**
 * Who reads a page: in which language, and whether they may act. Views ask for it with `useReader`,
 * so that it need not be handed through each of them.
 */
import type { Context } from "hono";
import { type Child, createContext, useContext } from "hono/jsx";
import { parseAccept } from "hono/utils/accept";
import { en, type Texts } from "../texts/en.ts";
import { ko } from "../texts/ko.ts";

export const LANGUAGES = { en, ko } satisfies Record<string, Texts>;

export type Language = keyof typeof LANGUAGES;

export interface Viewer {
  language: Language;
  texts: Texts;
  /** False: they may look, and nothing that changes anything is shown to them. */
  mayOperate: boolean;
}

const ViewerContext = createContext<Viewer>({ language: "en", texts: en, mayOperate: false });

/** Two readers with the same are shown the same: a key for what is rendered once for many. */
export function viewerKey({ language, mayOperate }: Viewer): string {
  return `${language} ${mayOperate}`;
}

/** For a view: who it is for. */
export function useViewer(): Viewer {
  return useContext(ViewerContext);
}

/** For a view: what it says, in its reader's language. */
export function useTexts(): Texts {
  return useViewer().texts;
}

/** Where the guard keeps that a request may only look. */
export const WATCH_ONLY = "watches";

/** Who has sent a request: its language is the browser's, and English where we have not that. */
export function viewerOf(c: Context): Viewer {
  const language = languageOf(c.req.header("Accept-Language") ?? "");
  return { language, texts: LANGUAGES[language], mayOperate: c.get(WATCH_ONLY) !== true };
}

function languageOf(accepted: string): Language {
  // q=0: anything but that (RFC 9110, 12.4.2).
  const wanted = parseAccept(accepted)
    .filter(({ q }) => q > 0)
    .toSorted((a, b) => b.q - a.q);
  for (const { type } of wanted) {
    const [language] = type.toLowerCase().split("-");
    if (isLanguage(language)) return language;
  }
  return "en";
}

function isLanguage(name: string | undefined): name is Language {
  return name !== undefined && Object.hasOwn(LANGUAGES, name);
}

/** Renders for that reader. What is in it is made only then: pass elements, not their text. */
export function render(reader: Viewer, content: Child): string {
  return `${(<ViewerContext.Provider value={reader}>{content}</ViewerContext.Provider>)}`;
}

export const ViewerProvider = ViewerContext.Provider;
