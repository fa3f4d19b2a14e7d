/** @jsxImportSource hono/jsx */
/** Says why something could not be read, in its place. */
import { useTexts } from "../../http/viewer.tsx";
import { TOO_MANY_MESSAGE } from "../../../shared/process-details.ts";
import type { Texts } from "../../texts/en.ts";

export function Unreadable({ code }: { code: string }) {
  const { process: words } = useTexts().child;
  return <span class="unreadable">{whyUnreadable(code, words)}</span>;
}

function whyUnreadable(code: string, words: Texts["child"]["process"]): string {
  if (code === TOO_MANY_MESSAGE) return words.tooMany;
  if (code === "EACCES" || code === "EPERM") return words.denied;
  return code === "ENOENT" || code === "ESRCH" ? words.vanished : words.failed(code);
}
