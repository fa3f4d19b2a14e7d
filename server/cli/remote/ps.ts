import { childColumns, listChildren } from "./children.ts";
import { cut, formatColumns } from "./columns.ts";
import { parseCommand } from "./commands.ts";
import { printLines, printList, terminalWidth } from "./print.ts";
import { type Environment, openRemote } from "./request.ts";

/** `brood ps`: lists the live children, one per line. */
export async function ps(args: readonly string[], environment: Environment): Promise<number> {
  const { values } = parseCommand("ps", args);
  const children = await listChildren(openRemote(values, environment), values);
  if (values.json) {
    printList(children);
    return 0;
  }
  const lines = formatColumns(childColumns(Date.now()), children);
  const width = terminalWidth();
  printLines(lines.slice(values["no-header"] ? 1 : 0).map((line) => cut(line, width)));
  return 0;
}
