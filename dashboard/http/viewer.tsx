/** @jsxImportSource hono/jsx */
/**
 * The viewer of a page: their language, and whether they may operate.
 * Views get it with `useViewer`.
 */
import type { Context } from "hono";
import { type Child, createContext, useContext } from "hono/jsx";
import { languageDetector } from "hono/language";
import { en, type Texts } from "../texts/en.ts";
import { ko } from "../texts/ko.ts";

export const LANGUAGES = { en, ko } satisfies Record<string, Texts>;

export type Language = keyof typeof LANGUAGES;

export interface Viewer {
  language: Language;
  texts: Texts;
  /** False: the viewer may only watch, and is shown nothing that changes anything. */
  mayOperate: boolean;
}

const ViewerContext = createContext<Viewer>({ language: "en", texts: en, mayOperate: false });

/** Viewers with the same key are shown the same: a key for what is rendered once for many. */
export function viewerKey({ language, mayOperate }: Viewer): string {
  return `${language} ${mayOperate}`;
}

export function useViewer(): Viewer {
  return useContext(ViewerContext);
}

/** The page's texts in the viewer's language. */
export function useTexts(): Texts {
  return useViewer().texts;
}

/** The context variable in which the guard leaves whether a request may only watch. */
export const WATCH_ONLY = "watchOnly";

/** Chooses the language by Accept-Language; English if we have none that the browser wants. */
export const detectLanguage = languageDetector({
  order: ["header"],
  caches: false,
  supportedLanguages: Object.keys(LANGUAGES),
  fallbackLanguage: "en",
});

/** The viewer who sent a request that `detectLanguage` has seen. */
export function viewerOf(c: Context): Viewer {
  const detected: unknown = c.get("language");
  const language = isLanguage(detected) ? detected : "en";
  return { language, texts: LANGUAGES[language], mayOperate: c.get(WATCH_ONLY) !== true };
}

function isLanguage(name: unknown): name is Language {
  return typeof name === "string" && Object.hasOwn(LANGUAGES, name);
}

/** Renders `content` for that viewer. */
export function render(viewer: Viewer, content: Child): string {
  return `${(<ViewerContext.Provider value={viewer}>{content}</ViewerContext.Provider>)}`;
}

export const ViewerProvider = ViewerContext.Provider;
