/** @jsxImportSource hono/jsx */
/**
 * The end of a form that asks before something is done: Cancel, which has the focus,
 * and the button that does it.
 */
import { useTexts } from "../http/viewer.tsx";

export function SubmitButtons({ label }: { label: string }) {
  return (
    <p class="buttons">
      <a class="button" href="/" data-close autofocus>
        {useTexts().kill.cancel}
      </a>
      <button type="submit" class="danger">
        {label}
      </button>
    </p>
  );
}
