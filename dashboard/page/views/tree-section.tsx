/** @jsxImportSource hono/jsx */
/** The process tree with the options of how it is drawn. */
import { useTexts } from "../../http/viewer.tsx";
import type { Sample } from "../sample.ts";
import type { View } from "../view.ts";
import { Tree } from "./tree.tsx";

export function TreeSection({ sample, view }: { sample: Sample; view: View }) {
  const { tree } = useTexts();
  return (
    <section class="tree" aria-labelledby="tree-title">
      <h2 id="tree-title">{tree.title}</h2>
      <TreeOptions view={view} />
      <span class="lock-note" hidden>
        {tree.locked}
      </span>
      <div id="tree" tabindex={0} role="group" aria-label={tree.label}>
        <Tree sample={sample} view={view} />
      </div>
    </section>
  );
}

function TreeOptions({ view }: { view: View }) {
  const { tree } = useTexts();
  return (
    <fieldset>
      <legend>{tree.options}</legend>
      <select id="scope" name="scope" aria-label={tree.scope}>
        <option value="server" selected={view.scope === "server"}>
          {tree.server}
        </option>
        <option value="host" selected={view.scope === "host"}>
          {tree.host}
        </option>
      </select>
      <select id="charset" name="charset" aria-label={tree.lines}>
        <option value="ascii" selected={view.charset === "ascii"}>
          {tree.ascii}
        </option>
        <option value="utf8" selected={view.charset === "utf8"}>
          {tree.unicode}
        </option>
      </select>
      <label>
        <input id="compact" type="checkbox" name="compact" value="0" checked={!view.compact} />
        {tree.oneByOne}
      </label>
      <label>
        <input id="pids" type="checkbox" name="pids" value="1" checked={view.pids} />
        {tree.pids}
      </label>
    </fieldset>
  );
}
