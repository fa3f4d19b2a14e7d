/** @jsxImportSource hono/jsx */
/** The help dialog: the keyboard shortcuts of this page. */
import { useViewer } from "../../http/viewer.tsx";

/** In the order in which the dialog lists them. */
const SHORTCUTS = [
  ["/", "filter"],
  ["j ↓", "down"],
  ["k ↑", "up"],
  ["o Enter", "open"],
  ["n", "next"],
  ["p", "previous"],
  ["x", "select"],
  ["X", "selectTo"],
  ["K", "kill"],
  ["t", "tree"],
  ["l", "log"],
  ["g t", "children"],
  ["g c", "charts"],
  ["g h", "history"],
  ["g a", "audit"],
  ["Esc", "leave"],
  ["?", "help"],
] as const;

/** Hidden from viewers who may only watch. */
const OPERATOR_SHORTCUTS: ReadonlySet<string> = new Set(["select", "selectTo", "kill"]);

export function Help() {
  const { texts, mayOperate } = useViewer();
  const { keys } = texts;
  const shown = SHORTCUTS.filter(([, name]) => mayOperate || !OPERATOR_SHORTCUTS.has(name));
  return (
    <dialog id="help" aria-labelledby="help-title">
      <h2 id="help-title">{keys.title}</h2>
      <dl>
        {shown.map(([key, name]) => (
          <div>
            <dt>
              {key.split(" ").map((part) => (
                <kbd>{part}</kbd>
              ))}
            </dt>
            <dd>{keys.actions[name]}</dd>
          </div>
        ))}
      </dl>
      <p>
        <label>
          <input id="keys-on" type="checkbox" checked /> {keys.on}
        </label>
      </p>
      <form method="dialog" class="buttons">
        <button type="submit" autofocus>
          {keys.close}
        </button>
      </form>
    </dialog>
  );
}
