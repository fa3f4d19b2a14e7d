/**
 * Prints whole lines for as long as somebody reads them: a console that was closed, as `| head`
 * does, must not end the server. What is logged is still on the page.
 */
export function linePrinter(stream: NodeJS.WriteStream): (line: string) => void {
  let open = true;
  stream.on("error", () => {
    open = false;
  });
  return (line) => {
    if (open) stream.write(`${line}\n`);
  };
}
