/** What goes wrong between the page and its services, and that nothing is lost or done twice by it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { stateTexts, texts } from "../../src/texts.ts";
import {
  answered,
  answers,
  ask,
  browserForTests,
  composer,
  messages,
  rows,
  said,
  say,
  sendButton,
  signIn,
  signUp,
  stopButton,
  tasks,
  words,
} from "./page.ts";
import { model, system, urls } from "./system.ts";

const { visit } = browserForTests();
/** Chromium's words for a stream or request whose connection broke. */
const BROKEN = /ERR_(?:INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET|EMPTY_RESPONSE|ABORTED)/;
const OFFLINE = /ERR_INTERNET_DISCONNECTED/;

test("a page of another origin is refused, and says so", () =>
  visit(async (visitor) => {
    visitor.expect(answered(403));
    const context = await visitor.open();
    const page = await context.newPage();
    await page.goto(urls.stranger);
    await signIn(page, "ana@example.com");

    const refusal = page.getByRole("alert");
    await refusal.waitFor();
    assert.match((await refusal.textContent()) ?? "", new RegExp(urls.stranger));
    assert.equal(await composer(page).count(), 0);
  }));

test("offline and back: what was typed is sent once", () =>
  visit(async (visitor) => {
    visitor.expect(OFFLINE);
    const { context, page, userId } = await signUp(visitor);
    await ask(page, "add a task to buy tea", "tea");

    await context.setOffline(true);
    await page.getByText(texts.chat.offline).first().waitFor();
    await say(page, "add a task to buy sugar");
    await page.getByText(texts.chat.waiting).first().waitFor();
    assert.equal(await composer(page).inputValue(), "add a task to buy sugar");
    await context.setOffline(false);
    await tasks(page).filter({ hasText: "buy sugar" }).waitFor();
    await answers(page).nth(1).waitFor();

    assert.equal(await composer(page).inputValue(), "");
    const stored = await system.rows(userId);
    assert.equal(stored.messages.filter(({ role }) => role === "user").length, 2);
    assert.deepEqual(
      stored.tasks.map(({ title }) => title),
      ["buy tea", "buy sugar"],
    );
  }));

test("a connection that is cut in the middle of an answer loses nothing", () =>
  visit(async (visitor) => {
    visitor.expect(BROKEN, answered(503));
    const { page, userId } = await signUp(visitor, urls.cut);
    await model.fault("cut lime", { kind: "hang", step: 1 });
    await say(page, "add a task to cut lime");
    await rows(page).filter({ hasText: "Added “cut lime”" }).waitFor();

    await system.cut();
    await page.getByText(stateTexts.chat.reconnecting).first().waitFor();
    await model.release("cut lime");
    await answers(page).filter({ hasText: "cut lime" }).waitFor();

    assert.equal(await said(page).count(), 1);
    assert.equal(await rows(page).count(), 1);
    const stored = await system.rows(userId);
    assert.equal(stored.messages.length, 2);
    assert.equal(stored.tasks.length, 1);
  }));

test("a double click does it once: Delete takes one task, Send does not stop what it sent", () =>
  visit(async (visitor) => {
    const { page, userId } = await signUp(visitor);
    await ask(page, "add tasks to fold shirts, to fold socks and to fold towels", "towels");
    await tasks(page).nth(2).waitFor();
    await page.getByRole("button", { name: texts.tasks.remove("fold socks") }).dblclick();
    await page.getByRole("button", { name: texts.tasks.undo, exact: true }).waitFor();

    await model.fault("fold paper", { kind: "hang", step: 1 });
    await composer(page).fill("add a task to fold paper");
    await sendButton(page).dblclick();
    await tasks(page).filter({ hasText: "fold paper" }).waitFor();
    await stopButton(page).waitFor();
    await model.release("fold paper");
    await answers(page).filter({ hasText: "fold paper" }).waitFor();
    await sendButton(page).waitFor();
    assert.deepEqual(
      (await system.rows(userId)).tasks.map(({ title }) => title),
      ["fold shirts", "fold towels", "fold paper"],
    );
  }));

test("a page that is loaded again in the middle of a turn follows it", () =>
  visit(async (visitor) => {
    visitor.expect(BROKEN);
    const { page } = await signUp(visitor);
    await model.fault("reload books", { kind: "hang", step: 1 });
    await say(page, "add a task to reload books");
    await rows(page).filter({ hasText: "Added “reload books”" }).waitFor();

    await page.reload();
    await rows(page).filter({ hasText: "Added “reload books”" }).waitFor();
    await stopButton(page).waitFor();
    await model.release("reload books");
    await answers(page).filter({ hasText: "reload books" }).waitFor();
    assert.equal(await said(page).count(), 1);
  }));

test("stop, and a retry that goes on with it", () =>
  visit(async (visitor) => {
    const { page, userId } = await signUp(visitor);
    await model.fault("stop clock", { kind: "hang", step: 1 });
    await say(page, "add a task to stop clock");
    await rows(page).filter({ hasText: "Added “stop clock”" }).waitFor();
    await stopButton(page).click();

    await page.getByRole("button", { name: texts.retry }).click();
    await answers(page).filter({ hasText: "stop clock" }).waitFor();
    const stored = await system.rows(userId);
    assert.equal(stored.messages.length, 2);
    assert.equal(stored.tasks.length, 1);
  }));

test("a model that fails: words, and a retry that does nothing twice", () =>
  visit(async (visitor) => {
    const { page, userId } = await signUp(visitor);
    await model.fault("fail safely", { kind: "status", status: 400, step: 1 });
    await say(page, "add a task to fail safely");
    const retry = page.getByRole("button", { name: texts.retry });
    await retry.waitFor();
    assert.doesNotMatch(await words(page), /model_error|undefined|\b502\b/);

    await retry.click();
    await answers(page).filter({ hasText: "fail safely" }).waitFor();
    assert.equal((await system.rows(userId)).tasks.length, 1);
  }));

test("a token that runs out in the middle of a conversation is renewed, in a turn too", () =>
  visit(async (visitor) => {
    visitor.expect(answered(401));
    const { page, userId } = await signUp(visitor);
    let tokens = 0;
    page.on("request", (request) => {
      if (request.url().endsWith("/api/auth/token")) tokens += 1;
    });
    await ask(page, "add a task to buy ink", "ink");
    const before = tokens;

    // The gateway refuses the one that the page holds, as it would one that has run out: once.
    let refused = 0;
    await page.route("**/chat", async (route) => {
      refused += 1;
      if (refused > 1) return route.fallback();
      const { authorization = "" } = await route.request().allHeaders();
      await route.continue({
        headers: { ...(await route.request().allHeaders()), authorization: `${authorization}x` },
      });
    });
    await ask(page, "add a task to buy paper", "paper");
    assert.ok(refused > 1);
    assert.equal(tokens, before + 1);

    const stored = await system.rows(userId);
    assert.equal(stored.messages.length, 4);
    assert.equal(stored.tasks.length, 2);
  }));

test("a token that is about to run out is renewed before it is needed", () =>
  visit(async (visitor) => {
    // No answer of 401 is ordered: the page knows by its own clock when the token ends. It also
    // takes the stream for dead, which then says nothing for minutes, and follows the turn anew.
    visitor.expect(BROKEN);
    const context = await visitor.open();
    await context.clock.install();
    const { page } = await signUp({ ...visitor, open: async () => context });
    await ask(page, "add a task to buy glue", "glue");
    let tokens = 0;
    page.on("request", (request) => {
      if (request.url().endsWith("/api/auth/token")) tokens += 1;
    });
    await ask(page, "add a task to buy tape", "tape");
    assert.equal(tokens, 0);

    // Four minutes of the five that it lives, while a turn runs.
    await model.fault("buy string", { kind: "hang", step: 1 });
    await say(page, "add a task to buy string");
    await rows(page).filter({ hasText: "Added “buy string”" }).waitFor();
    const renewed = page.waitForResponse((response) => response.url().endsWith("/token"));
    await context.clock.fastForward("04:10");
    await renewed;
    await model.release("buy string");
    await answers(page).filter({ hasText: "string" }).waitFor();
    assert.equal(tokens, 1);
  }));

test("ten lines are ten rows of one turn; too much is said before it is sent", () =>
  visit(async (visitor) => {
    const { page } = await signUp(visitor);
    const titles = [
      "rice",
      "oats",
      "salt",
      "figs",
      "kale",
      "limes",
      "nuts",
      "peas",
      "plums",
      "soap",
    ];
    await composer(page).fill(`add these:\n${titles.map((title) => `- buy ${title}`).join("\n")}`);
    await composer(page).press("Enter");
    await tasks(page).nth(9).waitFor();
    await sendButton(page).waitFor();
    const calls = page.getByRole("heading", { name: texts.chat.calls });
    assert.equal(await messages(page).getByRole("article").filter({ has: calls }).count(), 1);
    assert.equal(await rows(page).filter({ hasText: "Added" }).count(), 10);

    await composer(page).fill("x".repeat(8001));
    await page.getByText(texts.composer.over(1)).waitFor();
    await composer(page).press("Enter");
    assert.equal(await said(page).count(), 1);
  }));
