/** A person in front of the page: what they do and see, by the roles and words of it. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
  type Request,
} from "playwright-core";
import { texts } from "../../src/texts.ts";
import { urls } from "./system.ts";

export const PASSWORD = "correct horse battery staple";
export const WIDE = { width: 1180, height: 760 };
export const PHONE = { width: 400, height: 780 };
const LIMIT_MS = 15_000;

export interface Person {
  context: BrowserContext;
  page: Page;
  email: string;
  userId: string;
}

/** Requests of a page that are not over. */
const underWay = new WeakMap<Page, Set<Request>>();

function count(page: Page): void {
  const open = new Set<Request>();
  underWay.set(page, open);
  page.on("request", (request) => open.add(request));
  page.on("requestfinished", (request) => open.delete(request));
  page.on("requestfailed", (request) => open.delete(request));
}

/** Between two requests of which the second needs the first's answer, a busy machine takes a while. */
const QUIET_POLLS = 4;

/** Waits until the page has read all that it wanted: whoever leaves before breaks it off. */
export async function settled(page: Page): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  for (let quiet = 0; quiet < QUIET_POLLS; ) {
    assert.ok(performance.now() < deadline, "the page does not come to an end of its requests");
    await page.waitForTimeout(20);
    quiet = (underWay.get(page)?.size ?? 0) > 0 ? 0 : quiet + 1;
  }
}

const READ_WHOLE = "test: a stream was read to its end";

/** In the page: tells of each stream that it has read to its end. */
function tellOfWholeStreams(words: string): void {
  const { prototype } = ReadableStreamDefaultReader;
  const { read } = prototype;
  prototype.read = async function tell(this: ReadableStreamDefaultReader) {
    const got = await read.call(this);
    // biome-ignore lint/suspicious/noConsole: it is how the page tells the test
    if (got.done) console.debug(words);
    return got;
  };
}

/** What went wrong in a page that nobody ordered. `expect`: what a test orders. */
class Watch {
  readonly #seen: string[] = [];
  readonly #ordered: RegExp[] = [];
  /** Chromium 156 says ERR_ABORTED of some streams with `no-store` that the page read to their end. */
  readonly #streams = new WeakSet<Request>();
  readonly #aborted: string[] = [];
  #wholeOnes = 0;

  follow(page: Page): void {
    page.on("response", (response) => {
      const type = response.headers()["content-type"] ?? "";
      if (type.startsWith("text/event-stream")) this.#streams.add(response.request());
    });
    page.on("requestfinished", (request) => {
      if (this.#streams.has(request)) this.#wholeOnes -= 1;
    });
    page.on("console", (message) => {
      if (message.text() === READ_WHOLE) this.#wholeOnes += 1;
      if (["error", "warning"].includes(message.type())) this.#see(page, message.text());
    });
    page.on("pageerror", (error) => this.#see(page, `page error: ${error.stack}`));
    page.on("requestfailed", (request) => {
      const why = request.failure()?.errorText;
      const what = `${request.method()} ${request.url()} ${request.postData()?.slice(0, 200) ?? ""}`;
      const said = `request failed: ${what} ${why}`;
      if (why === "net::ERR_ABORTED" && this.#streams.has(request)) this.#aborted.push(said);
      else this.#see(page, said);
    });
    page.on("dialog", (dialog) => this.#see(page, `dialog: ${dialog.message()}`));
  }

  /** What matches may happen in this test. */
  expect(...ordered: RegExp[]): void {
    this.#ordered.push(...ordered);
  }

  check(): void {
    // As many as were read whole, and not said to be, are none that broke off.
    const broken = this.#aborted.length > this.#wholeOnes ? this.#aborted : [];
    const unordered = [...this.#seen, ...broken].filter(
      (words) => !this.#ordered.some((one) => one.test(words)),
    );
    assert.deepEqual(unordered, [], "violations of the policy, console messages, failed requests");
  }

  #see(page: Page, words: string): void {
    this.#seen.push(`${words} (${page.url()})`);
  }
}

/** What tests of one file share: the browser, and a way to open pages that are watched. */
export function browserForTests() {
  const held = {} as { browser: Browser };
  before(async () => {
    held.browser = await chromium.connect(process.env.TASKCHAT_BROWSER ?? "");
  });
  after(() => held.browser.close());

  /** Runs a test with pages of its own; nothing may go wrong in them that it does not order. */
  async function visit(
    work: (visitor: Visitor) => Promise<void>,
    options: BrowserContextOptions = {},
  ): Promise<void> {
    const watch = new Watch();
    const contexts: BrowserContext[] = [];
    const open = async (more: BrowserContextOptions = {}) => {
      const context = await held.browser.newContext({ viewport: WIDE, ...options, ...more });
      context.setDefaultTimeout(LIMIT_MS);
      await context.addInitScript(tellOfWholeStreams, READ_WHOLE);
      context.on("page", (page) => {
        watch.follow(page);
        count(page);
      });
      contexts.push(context);
      return context;
    };
    try {
      await work({ open, expect: (...ordered) => watch.expect(...ordered) });
      watch.check();
    } catch (error) {
      // What was on the screens then says more than the line of the test.
      for (const page of contexts.flatMap((context) => context.pages())) {
        process.stdout.write(`\n${page.url()} shows:\n${await words(page).catch(String)}\n`);
      }
      throw error;
    } finally {
      await Promise.all(contexts.map((context) => context.close()));
    }
  }
  return { visit, browser: () => held.browser };
}

export interface Visitor {
  /** A browser of its own: other cookies. */
  open(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** Order what else would fail the test. */
  expect(...ordered: RegExp[]): void;
}

/** Of a request that is answered with an error status, as Chromium says it. */
export const answered = (...statuses: number[]) =>
  new RegExp(`Failed to load resource: .* status of (?:${statuses.join("|")}) `);

let people = 0;

/** Somebody new, signed up by the page itself. */
export async function signUp(visitor: Visitor, at: string = urls.page, name = "Ana Lima") {
  const context = await visitor.open();
  const page = await context.newPage();
  await page.goto(at);
  people += 1;
  const email = `ana-${process.pid}-${people}@example.com`;
  await page.getByRole("button", { name: texts.entrance.signUp }).click();
  await page.getByLabel(texts.entrance.name, { exact: true }).fill(name);
  await page.getByLabel(texts.entrance.email).fill(email);
  await page.getByLabel(texts.entrance.password, { exact: true }).fill(PASSWORD);
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith("/sign-up/email")),
    page.getByRole("button", { name: texts.entrance.signUpButton }).click(),
  ]);
  const { user } = (await answer.json()) as { user: { id: string } };
  await page.getByRole("button", { name: texts.account.open(name) }).waitFor();
  return { context, page, email, userId: user.id } satisfies Person;
}

export async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.getByLabel(texts.entrance.email).fill(email);
  await page.getByLabel(texts.entrance.password, { exact: true }).fill(password);
  await page.getByRole("button", { name: texts.entrance.signIn, exact: true }).click();
}

/** The account page, by the menu. */
export async function openAccount(page: Page, name = "Ana Lima"): Promise<void> {
  await page.getByRole("button", { name: texts.account.open(name) }).click();
  await page.getByRole("button", { name: texts.account.page, exact: true }).click();
  await page.getByRole("heading", { name: texts.account.page, exact: true }).waitFor();
}

export async function signOut(page: Page, name = "Ana Lima"): Promise<void> {
  await page.getByRole("button", { name: texts.account.open(name) }).click();
  await page.getByRole("button", { name: texts.account.signOut }).click();
  await page.getByRole("heading", { name: texts.entrance.signIn }).waitFor();
}

export const composer = (page: Page) => page.getByRole("textbox", { name: texts.composer.label });
export const messages = (page: Page) => page.getByRole("region", { name: texts.chat.messages });
export const tasks = (page: Page) =>
  page.getByRole("complementary", { name: texts.tasks.heading }).getByRole("listitem");
export const conversations = (page: Page) =>
  page.getByRole("navigation", { name: texts.conversations.heading }).getByRole("link");

/** Says something, and does not wait for more than that it is on its way. */
export async function say(page: Page, words: string): Promise<void> {
  await composer(page).fill(words);
  await composer(page).press("Enter");
}

/** Says something, and waits until the answer contains this and the turn is over. */
export async function ask(page: Page, words: string, answer: string | RegExp): Promise<void> {
  await say(page, words);
  await answers(page).filter({ hasText: answer }).last().waitFor();
  await sendButton(page).waitFor();
}

/** The answers so far. */
export const answers = (page: Page) =>
  messages(page)
    .getByRole("article")
    .filter({ has: page.getByRole("heading", { name: texts.chat.assistant }) });

/** What the person has said so far. */
export const said = (page: Page) =>
  messages(page)
    .getByRole("article")
    .filter({ has: page.getByRole("heading", { name: texts.chat.you }) });

/** The rows of what was done. */
export const rows = (page: Page) => messages(page).getByRole("article").getByRole("listitem");

export const stopButton = (page: Page) =>
  page.getByRole("button", { name: texts.composer.stop, exact: true });
export const sendButton = (page: Page) =>
  page.getByRole("button", { name: texts.composer.send, exact: true });

/** All that can be read on the page: what is hidden is not in it. */
// biome-ignore lint/performance/useDomNodeTextContent: textContent has what nobody sees, too
export const words = (page: Page) => page.evaluate(() => document.body.innerText);
