/**
 * A chat over telnet. Each chatter is a process. They know of each other only what a service's
 * client offers: `enter`, `who`, `broadcast` and `send`.
 */
import { clean, type Client, type Message, service } from "../../service.ts";

interface State {
  /** Null until the client has given a name that is free. */
  name: string | null;
  room: string;
}

type Chatter = Client<State>;

/** What chatters send to each other. */
interface Line {
  text: string;
  private: boolean;
}

const LOBBY = "lobby";

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,19}$/u;
/** Letters that cannot be seen would make another name look the same. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;

const NAME_RULE = "A name is 1 to 20 letters, digits, dots, dashes and underscores.";

const HELP = [
  "/who             list who is here",
  "/msg NAME TEXT   send a private line",
  "/join ROOM       go to another room",
  "/quit            leave",
].join("\r\n");

export default service<State>({
  state: () => ({ name: null, room: LOBBY }),
  open: (client) => prompt(client, "What is your name?"),
  async line(client, line) {
    const text = line.trim();
    if (client.state.name === null) return logIn(client, text);
    if (text === "") return;
    if (text.startsWith("/")) return runCommand(client, text);
    await client.broadcast({ text, private: false } satisfies Line);
  },
  async message(client, from, message) {
    const line = parseLine(message);
    if (line === null) return;
    await writeLine(client, `${from.name}${line.private ? " (to you)" : ""}: ${line.text}`);
  },
  joined: (client, { name, room }) => writeLine(client, `* ${name} has joined ${room}`),
  left: (client, { name, room }) => writeLine(client, `* ${name} has left ${room}`),
  lost: (client, count) => writeLine(client, `* you read too slowly: ${count} lines were left out`),
});

async function logIn(client: Chatter, name: string): Promise<void> {
  if (!isValidName(name)) return prompt(client, NAME_RULE);
  if (!(await client.enter(LOBBY, name))) {
    return prompt(client, `${name} is here already. Your name?`);
  }
  client.state.name = name;
  await writeLine(client, `* welcome, ${name}. /help says what you can do`);
  await listMembers(client);
}

async function runCommand(client: Chatter, text: string): Promise<void> {
  const [command, first = "", ...rest] = text.split(/ +/);
  switch (command) {
    case "/who":
      return listMembers(client);
    case "/msg":
      return sendPrivately(client, first, rest.join(" "));
    case "/join":
      return join(client, first);
    case "/quit":
      return client.end("* goodbye\r\n");
    default:
      return writeLine(client, HELP);
  }
}

async function listMembers(client: Chatter): Promise<void> {
  const names = (await client.who()).map(({ name }) => name);
  await writeLine(client, `* in ${client.state.room}: ${names.sort().join(", ")}`);
}

async function sendPrivately(client: Chatter, name: string, text: string): Promise<void> {
  if (text === "") return writeLine(client, HELP);
  const to = (await client.who()).find((member) => member.name === name);
  const line: Line = { text, private: true };
  const isSent = to !== undefined && (await client.send(to.id, { ...line }));
  if (!isSent) await writeLine(client, `* nobody here is called ${name}`);
}

async function join(client: Chatter, room: string): Promise<void> {
  const { state } = client;
  if (!isValidName(room)) return writeLine(client, "* room names follow the same rule as yours");
  if (room === state.room) return writeLine(client, `* you are in ${room}`);
  if (!(await client.enter(room, state.name ?? ""))) {
    return writeLine(client, `* somebody in ${room} has your name`);
  }
  state.room = room;
  await listMembers(client);
}

function isValidName(name: string): boolean {
  return NAME.test(name) && !INVISIBLE.test(name);
}

/**
 * Returns null if it is no line: it comes from another process, which its
 * client may have taken over.
 */
function parseLine(message: Message): Line | null {
  if (typeof message !== "object" || message === null || !("text" in message)) return null;
  const { text, private: isPrivate } = message;
  return typeof text === "string" ? { text: clean(text), private: isPrivate === true } : null;
}

function prompt(client: Chatter, question: string): Promise<void> {
  return client.write(`${question} `);
}

function writeLine(client: Chatter, line: string): Promise<void> {
  return client.write(`${line}\r\n`);
}
