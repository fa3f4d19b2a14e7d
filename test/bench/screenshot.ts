/**
 * Takes the README's picture of the page: `npx bun test/bench/screenshot.ts`, as root. The
 * server runs in its own PID namespace, so that the tree shows it below a shell and
 * nothing else of the machine.
 */
import { join } from "node:path";
import { chromium } from "playwright-core";

const ROOT = join(import.meta.dir, "../..");
const SERVE = `${process.execPath} server/main.ts serve --port 0 --dashboard 127.0.0.1:0 --log json & wait`;

const server = Bun.spawn({
  cmd: ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "bash", "-c", SERVE],
  cwd: ROOT,
  stdio: ["ignore", "pipe", "inherit"],
});
const { port, dashboard } = JSON.parse(await firstLine(server.stdout)) as {
  port: number;
  dashboard: string;
};

const requests = ["time\r\n", "time\r\ntime\r\n", "hello?\r\n", "time", "time\r\ntime\r\ntime\r\n"];
for (const request of requests) {
  const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } });
  socket.write(request);
  await Bun.sleep(700);
}

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium-headless-shell",
  chromiumSandbox: false,
});
const page = await browser.newPage({ viewport: { width: 1280, height: 560 } });
await page.goto(dashboard);
await page.locator('#live[data-state="live"]').waitFor();
await page.locator("tbody .kill").nth(2).click();
await page.locator("dialog .danger").click();
await page.locator("#outcome .outcome").waitFor();
await page.mouse.move(640, 8);
await page.locator("tbody tr").nth(4).waitFor({ state: "detached" });
await page.screenshot({ path: join(ROOT, "dashboard/page.png") });
await browser.close();
server.kill("SIGKILL");
process.exit(0);

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the server did not start: ${text}`);
    text += decoder.decode(value, { stream: true });
  }
  return text.slice(0, text.indexOf("\n"));
}
