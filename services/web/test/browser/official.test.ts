/** OpenAI's own element: a stand-in for its script, and what happens when that does not come. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChatKitOptions } from "@openai/chatkit";
import type { Page } from "playwright-core";
import { texts } from "../../src/texts.ts";
import { answers, ask, browserForTests, composer, signUp, tasks } from "./page.ts";
import { urls } from "./system.ts";

const { visit } = browserForTests();
const SCRIPT = "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js";
/** It records its options, and says one thing through the `fetch` that it was given. */
const STAND_IN = `
  customElements.define("openai-chatkit", class extends HTMLElement {
    setOptions(options) {
      (window.given ??= []).push(options);
    }
    async say(text) {
      const { url, fetch } = window.given[0].api;
      const input = { content: [{ type: "input_text", text }], attachments: [], inference_options: {} };
      const body = JSON.stringify({ type: "threads.create", params: { input } });
      const headers = { "content-type": "application/json" };
      const answer = await fetch(url, { method: "POST", headers, body });
      // By a reader, as our page reads: the watch counts those.
      const [reader, decoder] = [answer.body.getReader(), new TextDecoder()];
      let events = "";
      for (let got = await reader.read(); !got.done; got = await reader.read()) {
        events += decoder.decode(got.value, { stream: true });
      }
      for (const line of events.split("\\n").filter((one) => one.includes('"tool_result"'))) {
        const detail = JSON.parse(line.slice(6));
        this.dispatchEvent(new CustomEvent("chatkit.effect", { detail }));
      }
      this.dispatchEvent(new CustomEvent("chatkit.response.end"));
      return [answer.status, events];
    }
  });
`;

type Given = { given: ChatKitOptions[] };

test("the element gets our address, key, fetch and words, and the list follows it", () =>
  visit(async (visitor) => {
    const context = await visitor.open();
    await context.route(SCRIPT, (route) =>
      route.fulfill({ contentType: "text/javascript", body: STAND_IN }),
    );
    const { page, userId } = await signUp({ ...visitor, open: async () => context }, urls.official);
    const element = page.locator("openai-chatkit");
    await element.waitFor({ state: "attached" });

    const { given, kinds } = await page.evaluate(() => {
      const [first] = (window as never as Given).given;
      const api = first?.api as { fetch?: unknown };
      return { given: JSON.parse(JSON.stringify(first)), kinds: typeof api.fetch };
    });
    assert.equal(kinds, "function");
    assert.equal(given.api.domainKey, "domain_pk_test");
    assert.equal(new URL(given.api.url, urls.official).pathname, `/api/${userId}/chat`);
    assert.equal(given.theme, "light");
    assert.deepEqual(given.composer.attachments, { enabled: false });
    assert.equal(await composer(page).count(), 0);

    const [status, events] = await element.evaluate((one) =>
      (one as never as { say(text: string): [number, string] }).say("add a task to wave"),
    );
    assert.equal(status, 200);
    assert.match(events, /assistant_message/);
    await tasks(page).filter({ hasText: "wave" }).waitFor();

    await page.emulateMedia({ colorScheme: "dark" });
    await page.waitForFunction(() => (window as never as Given).given.at(-1)?.theme === "dark");
  }));

async function instead(page: Page): Promise<void> {
  await page.getByText(texts.official.missing).waitFor();
  await ask(page, "add a task to go on", "go on");
  assert.equal(await answers(page).count(), 1);
}

test("a script that is blocked: our panel takes its place at once, and says why", () =>
  visit(async (visitor) => {
    visitor.expect(/ERR_FAILED/);
    const context = await visitor.open();
    await context.route(SCRIPT, (route) => route.abort());
    const { page } = await signUp({ ...visitor, open: async () => context }, urls.official);
    await instead(page);
  }));

test("a script that defines nothing: our panel takes its place after four seconds", () =>
  visit(async (visitor) => {
    const context = await visitor.open();
    await context.route(SCRIPT, (route) =>
      route.fulfill({ contentType: "text/javascript", body: "void 0;" }),
    );
    const { page } = await signUp({ ...visitor, open: async () => context }, urls.official);
    const start = performance.now();
    await page.getByText(texts.official.loading).waitFor();
    await instead(page);
    assert.ok(performance.now() - start > 3_000, "it was not waited for");
  }));
