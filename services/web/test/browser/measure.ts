/** `npm run measure`: what the page costs and how fast it is, as the table of docs/runs/page.md. */
import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { chromium, type Page } from "playwright-core";
import { composer, messages, sendButton, signUp, WIDE } from "./page.ts";
import { system, urls } from "./system.ts";

const ASSETS = new URL("../../dist/site/assets/", import.meta.url);
const LOADS = 15;
const TURNS = 20;

interface Row {
  what: string;
  value: string;
  limit: string;
}

/** What is loaded when it is opened. All other files are everybody's. */
type Part = "official-chat" | "account-page";
const PARTS: readonly Part[] = ["official-chat", "account-page"];

function sizes(ending: string, part: Part | null): string {
  const files = readdirSync(ASSETS).filter((name) => name.endsWith(ending));
  const bodies = files
    .filter((name) => (PARTS.find((one) => name.startsWith(one)) ?? null) === part)
    .map((name) => readFileSync(new URL(name, ASSETS)));
  const sum = (pack: (body: Buffer) => Buffer) =>
    `${(bodies.reduce((bytes, body) => bytes + pack(body).length, 0) / 1000).toFixed(1)} KB`;
  return `${sum((body) => body)}, gzip ${sum((body) => gzipSync(body, { level: 9 }))}, brotli ${sum(brotliCompressSync)}`;
}

/** Median and worst, in milliseconds. */
function spread(times: number[]): string {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  return `${at(0.5)} ms, at most ${at(1)} ms of ${times.length}`;
}

/** From the navigation until this is in the page, by the page's own clock. */
async function interactive(page: Page, address: string, selector: string): Promise<number> {
  await page.addInitScript((wanted) => {
    const look = () => {
      if (document.querySelector(wanted) === null) return void requestAnimationFrame(look);
      Object.assign(window, { readyAt: performance.now() });
    };
    look();
  }, selector);
  await page.goto(address);
  await page.waitForFunction(() => "readyAt" in window);
  return page.evaluate(() => (window as never as { readyAt: number }).readyAt);
}

interface Turn {
  sign: number;
  row: number;
  text: number;
}

/** From Enter until a sign of life, the first row and the first text of the answer are painted. */
async function turn(page: Page, words: string): Promise<Turn> {
  await composer(page).fill(words);
  await page.evaluate(() => {
    const count = (selector: string) => document.querySelectorAll(selector).length;
    const [rows, texts] = [count("article.calls li"), count("article.answer")];
    const seen = { enter: 0, sign: 0, row: 0, text: 0 };
    Object.assign(window, { seen });
    document.addEventListener(
      "keydown",
      () => {
        seen.enter = performance.now();
        const look = () => {
          const now = performance.now();
          if (seen.sign === 0 && count("p.progress") > 0) seen.sign = now;
          if (seen.row === 0 && count("article.calls li") > rows) seen.row = now;
          if (seen.text === 0 && count("article.answer") > texts) seen.text = now;
          if (seen.text === 0) requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      },
      { capture: true, once: true },
    );
  });
  await composer(page).press("Enter");
  await page.waitForFunction(() => (window as never as { seen: { text: number } }).seen.text > 0);
  await sendButton(page).waitFor();
  return page.evaluate(() => {
    const { enter, sign, row, text } = (window as never as { seen: Turn & { enter: number } }).seen;
    return { sign: sign - enter, row: row - enter, text: text - enter };
  });
}

/** What JavaScript holds after a collection, in MB. */
async function heap(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return `${(usedSize / 1e6).toFixed(1)} MB`;
}

const browser = await chromium.connect(process.env.TASKCHAT_BROWSER ?? "");
const open = () => browser.newContext({ viewport: WIDE });
const { context, page, userId } = await signUp({ open, expect: () => undefined });
await page.goto(urls.page);
await sendButton(page).waitFor();
const emptyHeap = await heap(page);

const entrances: number[] = [];
const starts: number[] = [];
for (let n = 0; n < LOADS; n += 1) {
  // A browser that has nothing yet, then one that has the files and a session.
  const stranger = await open();
  entrances.push(await interactive(await stranger.newPage(), urls.page, "input[type=email]"));
  await stranger.close();
  const again = await context.newPage();
  starts.push(await interactive(again, urls.page, "textarea"));
  await again.close();
}

const turns: Turn[] = [];
for (let n = 0; n < TURNS; n += 1) turns.push(await turn(page, `add a task to measure ${n}`));

const conversationId = await system.fill(userId, 1000, 500);
await page.goto(`${urls.page}/c/${conversationId}`);
await messages(page).getByText("Answer 1000").waitFor();
const openedHeap = await heap(page);
const earlier = page.locator("button.earlier");
while ((await earlier.count()) > 0) {
  const before = await page.locator("article").count();
  await earlier.click();
  await page.waitForFunction((n) => document.querySelectorAll("article").length > n, before);
}
const wholeHeap = await heap(page);

const table: Row[] = [
  { what: "JavaScript of the page", value: sizes(".js", null), limit: "60 KB gzip" },
  {
    what: "JavaScript of the account page, when it is opened",
    value: sizes(".js", "account-page"),
    limit: "",
  },
  {
    what: "JavaScript for OpenAI's element, only with its key",
    value: sizes(".js", "official-chat"),
    limit: "",
  },
  { what: "styles", value: sizes(".css", null), limit: "" },
  { what: "sign-in can be typed into, nothing cached", value: spread(entrances), limit: "500 ms" },
  {
    what: "a message can be typed, files cached, session asked for",
    value: spread(starts),
    limit: "500 ms",
  },
  {
    what: "Enter to the first sign of life",
    value: spread(turns.map(({ sign }) => sign)),
    limit: "100 ms",
  },
  { what: "Enter to the first row", value: spread(turns.map(({ row }) => row)), limit: "" },
  {
    what: "Enter to the first text of the answer",
    value: spread(turns.map(({ text }) => text)),
    limit: "",
  },
  { what: "memory of JavaScript, nothing said yet", value: emptyHeap, limit: "" },
  { what: "… a conversation of 1,000 messages opened, 500 tasks", value: openedHeap, limit: "" },
  { what: "… and read back to its first message", value: wholeHeap, limit: "" },
];
const lines = table.map(({ what, value, limit }) => `| ${what} | ${value} | ${limit} |`);
process.stdout.write(
  `Chromium ${browser.version()}, ${cpus().length} cores.\n\n` +
    `| what | measured | at most |\n| --- | --- | --- |\n${lines.join("\n")}\n`,
);
await browser.close();
