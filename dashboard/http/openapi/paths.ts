/** What may be asked for, and how it is answered. */
import { SORT_KEYS } from "../../../shared/api.ts";
import { HISTORY_REASONS, MAX_RESULTS } from "../../../shared/history.ts";
import { SIGNALS } from "../../../shared/signals.ts";
import { RANGES } from "../../charts/series.ts";
import {
  described,
  either,
  integer,
  list,
  moment,
  object,
  oneOf,
  type Properties,
  ref,
  type Schema,
  text,
} from "./schema.ts";

interface Answer {
  description: string;
  content?: Record<string, { schema: Schema }>;
}

type Answers = Readonly<Record<number, Answer>>;

interface Operation {
  summary: string;
  query?: Properties;
  header?: Properties;
  body?: Record<string, { schema: Schema }>;
  answers: Answers;
}

function json(schema: Schema, description = "as asked for"): Answer {
  return { description, content: { "application/json": { schema } } };
}

function wrong(description: string): Answer {
  return json(ref("Error"), description);
}

function plain(type: string, description: string): Answer {
  return { description, content: { [type]: { schema: text } } };
}

const YES = oneOf(["1"]);

const view = {
  filter: described(text, "those alone whose pid, client, state or command has it"),
  sort: { ...oneOf(SORT_KEYS), default: "since" },
  dir: { ...oneOf(["asc", "desc"]), default: "asc" },
};

const scope = { scope: { ...oneOf(["server", "host"]), default: "server" } };

const when = { description: "ISO 8601, or ms since the epoch", ...either(moment, integer) };

const found = {
  address: described(text, "a part of the client's address"),
  source: described(text, "its address, or the network that counts as one"),
  reason: oneOf(HISTORY_REASONS),
  from: when,
  to: when,
};

const limit = { limit: { type: "integer", minimum: 1, maximum: MAX_RESULTS } };

const contents = { contents: { ...YES, description: "what its client sent, too" } };

const unknown = wrong("no such child");
const silent = wrong("the history does not answer");
const noTree = "the processes cannot be listed";
const steered = { 202: json(ref("State"), "done"), 503: wrong("it cannot be done") };
const busy = "too many read along";

const stream = plain("text/event-stream", "server-sent events");

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  "GET /api/openapi.json": {
    summary: "This description",
    answers: { 200: json({ type: "object", additionalProperties: true }) },
  },
  "GET /api/master": {
    summary: "The master: its state, counters and limits",
    answers: { 200: json(ref("Master")) },
  },
  "GET /api/rooms": {
    summary: "The rooms in which children talk",
    answers: { 200: json(list(ref("Room"))) },
  },
  "GET /api/children": {
    summary: "The live children",
    query: view,
    answers: { 200: json(list(ref("Child"))) },
  },
  "GET /api/children/{id}": {
    summary: "One child, live or ended: its life, its log, its process",
    query: contents,
    answers: { 200: json(ref("ChildLook")), 404: unknown, 503: silent },
  },
  "GET /api/children/{id}/series": {
    summary: "What a child used lately",
    query: { after: described(integer, "points from then on, in ms since the epoch") },
    answers: { 200: json(ref("ChildSeries")), 404: unknown },
  },
  "DELETE /api/children/{id}": {
    summary: "Sends a signal to a child",
    query: {
      signal: { ...oneOf(SIGNALS), default: "TERM" },
      // oxlint-disable-next-line unicorn/no-thenable -- the API's own name, and no promise
      then: { ...oneOf(["KILL"]), description: "after 5 s, if it is still there" },
      wait: { ...YES, description: "answers when it is known what became of it" },
    },
    answers: {
      200: json(ref("Sent"), "with wait=1: sent, and the receipt"),
      202: json(ref("Sent"), "sent"),
      400: wrong("no such signal"),
      404: unknown,
      410: wrong("it has gone already"),
    },
  },
  "POST /children/{id}/kill": {
    summary: "The same as a form",
    body: {
      "application/x-www-form-urlencoded": {
        schema: object(
          { signal: oneOf(SIGNALS) },
          // oxlint-disable-next-line unicorn/no-thenable -- the API's own name, and no promise
          { then: { ...oneOf(["KILL"]), description: "after 5 s, if it is still there" } },
        ),
      },
    },
    answers: {
      202: plain("text/html", "sent, and what became of it"),
      400: plain("text/html", "no such signal"),
      404: plain("text/html", "no such child"),
      410: plain("text/html", "it has gone already"),
    },
  },
  "GET /api/kills": {
    summary: "Orders to many children, the newest first",
    answers: { 200: json(list(ref("Kills"))) },
  },
  "POST /api/kills": {
    summary: "Sends a signal to many children",
    body: { "application/json": { schema: ref("KillsOrder") } },
    answers: {
      200: json(ref("KillsPlan"), "with dryRun: who is meant"),
      202: json(ref("KillsBegun"), "begun"),
      400: wrong("no such order can be given"),
      404: wrong("some of these ids are of no child"),
      409: json(
        object({ error: text, count: integer }),
        "not as many as expected: nothing was sent",
      ),
      410: json(object({ error: text, gone: integer }), "nobody is meant"),
      429: wrong("too many orders are under way"),
    },
  },
  "GET /api/kills/{id}": {
    summary: "How far an order is, and what became of whom",
    answers: { 200: json(ref("KillsAnswered")), 404: wrong("no such order") },
  },
  "DELETE /api/kills/{id}": {
    summary: "Sends nothing more for an order",
    answers: {
      202: json(ref("Kills"), "cancelled"),
      404: wrong("no such order"),
      410: wrong("all has been sent"),
    },
  },
  "GET /api/tree": {
    summary: "The process tree",
    query: scope,
    answers: { 200: json(ref("Tree")), 503: wrong(noTree) },
  },
  "GET /pstree": {
    summary: "The process tree, as psmisc's pstree -lT prints it",
    query: {
      ...scope,
      pids: YES,
      charset: { ...oneOf(["ascii", "utf8"]), default: "ascii" },
      compact: { ...oneOf(["0", "1"]), default: "1" },
    },
    answers: { 200: plain("text/plain", "the tree"), 503: plain("text/plain", noTree) },
  },
  "POST /api/pause": {
    summary: "Accepts nobody until it is resumed: clients wait in the kernel's queue",
    answers: steered,
  },
  "POST /api/resume": { summary: "Accepts clients again", answers: steered },
  "POST /api/drain": {
    summary: "Accepts nobody more, lets live clients finish, and ends the server",
    query: { time: described(text, "90s, 10m, 2h; 24h at most; 10m if nothing is said") },
    answers: {
      202: json(ref("State"), "begun"),
      400: wrong("no such time"),
      503: wrong("the server ends already"),
    },
  },
  "GET /api/series": {
    summary: "What the charts are drawn from",
    query: { range: { ...oneOf(RANGES), default: "5m" }, after: integer },
    answers: { 200: json(ref("Series")), 400: wrong("no such time") },
  },
  "GET /api/history": {
    summary: "Sessions, the newest first, ended ones too",
    query: {
      ...found,
      ...limit,
      after: described(text, "goes on there: `next` of what came before"),
    },
    answers: { 200: json(ref("Sessions")), 400: wrong("no such query"), 503: silent },
  },
  "GET /api/history/totals": {
    summary: "Sessions counted, by reason and by source",
    query: found,
    answers: { 200: json(ref("Totals")), 400: wrong("no such query"), 503: silent },
  },
  "GET /api/history/{id}": {
    summary: "One session with its log",
    query: contents,
    answers: { 200: json(ref("SessionHistory")), 404: wrong("no such session"), 503: silent },
  },
  "GET /api/audit": {
    summary: "What operators did, the newest first",
    query: { ...limit, before: described(integer, "goes on there: `next` of what came before") },
    answers: { 200: json(ref("Audit")), 400: wrong("no such query"), 503: silent },
  },
  "GET /api/events": {
    summary: "The log as it is written: each message has a LogLine, or `missed` with a count",
    query: { session: described(text, "the id of one session: of that alone") },
    header: { "Last-Event-ID": described(text, "goes on after this; 0: all that is kept") },
    answers: {
      200: stream,
      404: unknown,
      405: plain("text/plain", "GET only"),
      503: wrong(busy),
    },
  },
  "GET /events": {
    summary: "The page's own stream: HTML, which may change",
    answers: {
      200: stream,
      405: plain("text/plain", "GET only"),
      503: plain("text/plain", busy),
    },
  },
  "GET /metrics": {
    summary: "For Prometheus",
    answers: { 200: plain("text/plain", "metrics") },
  },
  "GET /healthz": {
    summary: "Whether it lives; asks for no password",
    answers: { 200: plain("text/plain", "it does") },
  },
  "GET /readyz": {
    summary: "Whether it accepts clients; asks for no password",
    answers: {
      200: plain("text/plain", "it does"),
      503: plain("text/plain", "it does not, and its state"),
    },
  },
};
