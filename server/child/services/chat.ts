/**
 * A chat for telnet. Each of those who talk is a process; they know of each other only what the context of a
 * service tells: `enter`, `who`, `broadcast` and `send`.
 */
import { clean, type Client, type Message, service } from "../../service.ts";

interface State {
  /** Null until the client has told one that nobody else has there. */
  name: string | null;
  room: string;
}

type Chatter = Client<State>;

/** What one chatter sends to others. */
interface Line {
  text: string;
  private: boolean;
}

const LOBBY = "lobby";

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,19}$/u;
/** Letters that nobody sees make another name of the same look. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;

const NAME_RULE = "A name is 1 to 20 letters, digits, dots, dashes and underscores.";

const HELP = [
  "/who             who is here",
  "/msg NAME TEXT   a private line",
  "/join ROOM       another room",
  "/quit            the end",
].join("\r\n");

export default service<State>({
  state: () => ({ name: null, room: LOBBY }),
  open: (client) => ask(client, "What is your name?"),
  async line(client, line) {
    const text = line.trim();
    if (client.state.name === null) return introduce(client, text);
    if (text === "") return;
    if (text.startsWith("/")) return obey(client, text);
    await client.broadcast({ text, private: false } satisfies Line);
  },
  async message(client, from, message) {
    const line = parseLine(message);
    if (line !== null)
      await tell(client, `${from.name}${line.private ? " (to you)" : ""}: ${line.text}`);
  },
  joined: (client, { name, room }) => tell(client, `* ${name} has joined ${room}`),
  left: (client, { name, room }) => tell(client, `* ${name} has left ${room}`),
  lost: (client, count) => tell(client, `* you read too slowly: ${count} lines were left out`),
});

async function introduce(client: Chatter, name: string): Promise<void> {
  if (!isFit(name)) return ask(client, NAME_RULE);
  if (!(await client.enter(LOBBY, name))) return ask(client, `${name} is here already. Your name?`);
  client.state.name = name;
  await tell(client, `* welcome, ${name}. /help says what you can do`);
  await sayWho(client);
}

async function obey(client: Chatter, text: string): Promise<void> {
  const [command, first = "", ...rest] = text.split(/ +/);
  switch (command) {
    case "/who":
      return sayWho(client);
    case "/msg":
      return whisper(client, first, rest.join(" "));
    case "/join":
      return move(client, first);
    case "/quit":
      return client.end("* goodbye\r\n");
    default:
      return tell(client, HELP);
  }
}

async function sayWho(client: Chatter): Promise<void> {
  const names = (await client.who()).map(({ name }) => name);
  await tell(client, `* in ${client.state.room}: ${names.sort().join(", ")}`);
}

async function whisper(client: Chatter, name: string, text: string): Promise<void> {
  if (text === "") return tell(client, HELP);
  const to = (await client.who()).find((member) => member.name === name);
  const sent =
    to !== undefined && (await client.send(to.id, { text, private: true } satisfies Line));
  if (!sent) await tell(client, `* nobody here is called ${name}`);
}

async function move(client: Chatter, room: string): Promise<void> {
  const { state } = client;
  if (!isFit(room)) return tell(client, "* a room's name is like yours");
  if (room === state.room) return tell(client, `* you are in ${room}`);
  if (!(await client.enter(room, state.name ?? ""))) {
    return tell(client, `* somebody in ${room} has your name`);
  }
  state.room = room;
  await sayWho(client);
}

function isFit(name: string): boolean {
  return NAME.test(name) && !INVISIBLE.test(name);
}

/** It comes from another process, which its client may have taken over. */
function parseLine(message: Message): Line | null {
  if (typeof message !== "object" || message === null || !("text" in message)) return null;
  const { text, private: isPrivate } = message;
  return typeof text === "string" ? { text: clean(text), private: isPrivate === true } : null;
}

function ask(client: Chatter, question: string): Promise<void> {
  return client.write(`${question} `);
}

function tell(client: Chatter, line: string): Promise<void> {
  return client.write(`${line}\r\n`);
}
