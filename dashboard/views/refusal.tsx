/** @jsxImportSource hono/jsx */
/**
 * The page shown in place of one that a visitor may not see. Someone without a password
 * is shown no links but one.
 */
import type { Texts } from "../texts/en.ts";
import { useTexts } from "../http/viewer.tsx";

export function Refusal({ reason }: { reason: keyof Texts["refusals"] }) {
  const { refusals } = useTexts();
  const { title, line, advice, again } = refusals[reason];
  return (
    <>
      <header>
        <h1>brood</h1>
      </header>
      <main class="standalone">
        <div class="confirm">
          <h2>{title}</h2>
          <p class="outcome" data-tone="bad">
            {line}.
          </p>
          <p>{advice}</p>
          <p class="buttons">
            <a class="button" href="/">
              {again}
            </a>
          </p>
        </div>
      </main>
    </>
  );
}
