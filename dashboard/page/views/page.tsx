/** @jsxImportSource hono/jsx */
/** The main page: the master's figures, the tree, the children, the limits and the log. */
import type { LogEntry } from "../../../shared/log.ts";
import { Control } from "../../control/views/control.tsx";
import { useTexts, useViewer } from "../../http/viewer.tsx";
import { KillDialogParts } from "../../kill/views/kill.tsx";
import { Header } from "../../views/header.tsx";
import { Live } from "../../views/live.tsx";
import { formatExpandedGroups } from "../expanded-groups.ts";
import type { Sample } from "../sample.ts";
import { type View, viewQuery } from "../view.ts";
import { ActionBar } from "./action-bar.tsx";
import { Help } from "./help.tsx";
import { CurrentLimits, Refused, StatusNotice } from "./limits.tsx";
import { Log } from "./log.tsx";
import { MasterSummary } from "./master.tsx";
import { RefreshRate } from "./options.tsx";
import { TableSection } from "./table-section.tsx";
import { TreeSection } from "./tree-section.tsx";
import { SWAP_VIEW_ATTRIBUTES, ViewLink } from "./view-link.tsx";

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
            <summary>{texts.limits.current}</summary>
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

/** Everything that depends on the view; it is swapped as a whole when the viewer changes that. */
function ViewForm({ sample, view }: { sample: Sample; view: View }) {
  const { live, keys } = useTexts();
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
      {!view.paused && <Stream query={viewQuery(view)} />}
      <TreeSection sample={sample} view={view} />
      <TableSection sample={sample} view={view} />
    </form>
  );
}

/**
 * Opens the view's stream. Its ID depends on the view, because htmx opens another stream
 * only for another element.
 */
function Stream({ query }: { query: string }) {
  return (
    <div
      hidden
      id={`stream-${Bun.hash(query).toString(36)}`}
      hx-trigger="load, every 2s"
      hx-sse:connect={`/events${query}`}
      hx-swap="none"
    />
  );
}
