/** @jsxImportSource hono/jsx */
/** The page: the master's figures, the tree, the children and the log. */
import { SORT_KEYS } from "../../../shared/api.ts";
import type { LogEntry } from "../../../shared/log.ts";
import type { Serves } from "../../../shared/master.ts";
import { selectRows } from "../select-rows.ts";
import { formatExpandedGroups } from "../expanded-groups.ts";
import { useViewer, useTexts } from "../../http/viewer.tsx";
import type { Sample } from "../sample.ts";
import { type View, viewQuery } from "../view.ts";
import { ActionBar } from "./action-bar.tsx";
import { Children, EmptyNotice } from "./children.tsx";
import { columnTitle } from "./columns.tsx";
import { Control } from "../../control/views/control.tsx";
import { Header } from "../../views/header.tsx";
import { Help } from "./help.tsx";
import { KillDialogParts } from "../../kill/views/kill.tsx";
import { SWAP_VIEW_ATTRIBUTES, ViewLink } from "./view-link.tsx";
import { CurrentLimits, StatusNotice, Refused } from "./limits.tsx";
import { Live } from "../../views/live.tsx";
import { Log } from "./log.tsx";
import { MasterSummary } from "./master.tsx";
import { RefreshRate, TableOptions } from "./options.tsx";
import { Pages } from "./pager.tsx";
import { Rooms } from "./rooms.tsx";
import { Spares } from "./spares.tsx";
import { Tree } from "./tree.tsx";

interface Props {
  sample: Sample;
  log: readonly LogEntry[];
  instance: string;
  view: View;
}

export function Page({ sample, log, instance, view }: Props) {
  const { texts, mayOperate } = useViewer();
  return (
    <>
      <Header current="tree">
        <dl id="master" aria-label={texts.master.title}>
          <MasterSummary sample={sample} />
        </dl>
      </Header>
      <div id="outcome" role="status" aria-live="polite" />
      <main>
        <ViewForm sample={sample} view={view} />
        <section class="limits" aria-labelledby="limits-title">
          <h2 id="limits-title">{texts.limits.title}</h2>
          <div id="control" role="group" aria-label={texts.control.label}>
            <Control master={sample.master} />
          </div>
          <div id="refused">
            <Refused master={sample.master} />
          </div>
          <details>
            <summary>{texts.limits.inForce}</summary>
            <div id="limits">
              <CurrentLimits master={sample.master} />
            </div>
          </details>
        </section>
        <section class="log" aria-labelledby="log-title">
          <h2 id="log-title">{texts.log.title}</h2>
          <Log entries={log} instance={instance} />
        </section>
        {mayOperate && <ActionBar />}
        <KillDialogParts bySource />
      </main>
      <div id="notice" role="status">
        <StatusNotice sample={sample} />
      </div>
      <Help />
    </>
  );
}

/** All that depends on what the reader chose; swapped as a whole when the choice changes. */
function ViewForm({ sample, view }: { sample: Sample; view: View }) {
  const texts = useTexts();
  const { tree, children, live, keys } = texts;
  const query = viewQuery(view);
  const chosen = selectRows(sample.rows, view);
  return (
    <form
      id="view"
      action="/"
      method="get"
      hx-get="/"
      hx-trigger="input delay:150ms, submit"
      hx-sync="replace"
      {...SWAP_VIEW_ATTRIBUTES}
    >
      {view.paused && <input type="hidden" name="paused" value="1" />}
      {view.expandedGroups.size > 0 && (
        <input type="hidden" name="open" value={formatExpandedGroups(view.expandedGroups)} />
      )}
      <Live state={view.paused ? "paused" : "connecting"}>
        <RefreshRate view={view} />
        <ViewLink view={view} change={{ paused: !view.paused }} id="pause" class="button">
          {view.paused ? live.resume : live.pause}
        </ViewLink>
        <button id="help-button" type="button" aria-label={keys.title}>
          ?
        </button>
      </Live>
      {!view.paused && (
        <div
          hidden
          id={streamId(query)}
          hx-trigger="load, every 2s"
          hx-sse:connect={`/events${query}`}
          hx-swap="none"
        />
      )}
      <section class="tree" aria-labelledby="tree-title">
        <h2 id="tree-title">{tree.title}</h2>
        <TreeOptions view={view} />
        <span class="held" hidden>
          {tree.held}
        </span>
        <div id="tree" tabindex={0} role="group" aria-label={tree.label}>
          <Tree sample={sample} view={view} />
        </div>
      </section>
      <section class="table" aria-labelledby="children-title">
        <div class="head">
          <h2 id="children-title">{children.title}</h2>
          <label class="filter">
            <span>{children.filter}</span>
            <input
              id="filter"
              type="search"
              name="filter"
              value={view.filter}
              placeholder={children.filterHint}
              autocomplete="off"
            />
          </label>
          <Sorting view={view} serves={sample.master.serves} />
          <TableOptions view={view} serves={sample.master.serves} />
          <noscript>
            <button type="submit">{children.apply}</button>
          </noscript>
          <nav id="pages" aria-label={texts.table.pages}>
            <Pages chosen={chosen} view={view} />
          </nav>
          <span class="held" hidden>
            {children.held}
          </span>
        </div>
        <div class="scroll" tabindex={0} role="group" aria-label={children.scrollable}>
          <Children rows={chosen.rows} view={view} at={sample.at} serves={sample.master.serves} />
          <p id="none">
            <EmptyNotice chosen={chosen} live={sample.master.live} view={view} />
          </p>
          <div id="spares">
            <Spares sample={sample} />
          </div>
          <div id="rooms">
            <Rooms rooms={sample.rooms} />
          </div>
        </div>
      </section>
    </form>
  );
}

/** A stream is opened by its element, so another view's stream must be another element. */
function streamId(query: string): string {
  return `stream-${Bun.hash(query).toString(36)}`;
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

/** Where there is room for a table its headings do this, and these are not shown. */
function Sorting({ view, serves }: { view: View; serves: Serves }) {
  const texts = useTexts();
  const { children } = texts;
  return (
    <span class="sorting">
      <select id="sort" name="sort" aria-label={children.sort}>
        {SORT_KEYS.map((key) => (
          <option value={key} selected={view.sort === key}>
            {columnTitle(texts, key, serves === "built-in")}
          </option>
        ))}
      </select>
      <select id="dir" name="dir" aria-label={children.order}>
        <option value="asc" selected={!view.descending}>
          {children.ascending}
        </option>
        <option value="desc" selected={view.descending}>
          {children.descending}
        </option>
      </select>
    </span>
  );
}
