/** A service behind the page goes away: the person is told, and nothing is lost or comes back by it. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { stateTexts, texts } from "../../src/texts.ts";
import {
  answered,
  answers,
  browserForTests,
  rows,
  said,
  say,
  settled,
  signOut,
  signUp,
  tasks,
  words,
} from "./page.ts";
import { model, system, urls } from "./system.ts";

const { visit } = browserForTests();
/** Chromium's words for a stream or request whose connection broke. */
const BROKEN = /ERR_(?:INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET|EMPTY_RESPONSE|ABORTED)/;

afterEach(() => system.tools(false));

test("clicks while the tasks' service is away: words beside each, and the list as it was", () =>
  visit(async (visitor) => {
    visitor.expect(BROKEN, answered(503));
    const context = await visitor.open();
    await context.clock.install();
    const { page, userId } = await signUp({ ...visitor, open: async () => context }, urls.killed);
    const panel = page.getByRole("complementary", { name: texts.tasks.heading });
    const field = page.getByRole("textbox", { name: texts.tasks.add });
    const add = async (title: string) => {
      await field.fill(title);
      await field.press("Enter");
    };
    for (const title of ["tick me", "rename me"]) {
      await add(title);
      await tasks(page).filter({ hasText: title }).waitFor();
    }

    await system.tools(true);
    let refused = 0;
    page.on("response", (response) => {
      refused += Number(response.status() === 503);
    });
    await add("not there");
    await tasks(page).filter({ hasText: "tick me" }).getByRole("checkbox").click();
    await page.getByRole("button", { name: texts.tasks.rename("rename me") }).click();
    await page.getByRole("textbox", { name: texts.tasks.renameLabel }).fill("renamed");
    await page.keyboard.press("Enter");
    while (refused < 3) await page.waitForTimeout(20);
    // It tries again, and then has tried for long enough.
    await context.clock.fastForward(4_000);
    await panel.getByRole("alert").nth(1).waitFor();
    await panel.getByRole("button", { name: texts.dismiss }).waitFor();
    assert.equal(
      await panel.getByText(/The task tools cannot be reached now\..* Try again/).count(),
      3,
    );
    assert.doesNotMatch(await words(page), /Key|503|undefined/);
    assert.equal(await field.inputValue(), "not there");
    const ticked = tasks(page).filter({ hasText: "tick me" });
    await ticked.getByRole("checkbox", { checked: false }).waitFor();
    await page.keyboard.press("Escape");
    await tasks(page).filter({ hasText: "rename me" }).waitFor();

    // When it is back, the same clicks do it.
    await system.tools(false);
    await field.press("Enter");
    await tasks(page).filter({ hasText: "not there" }).waitFor();
    assert.deepEqual(
      (await system.rows(userId)).tasks.map(({ title, completed }) => [title, completed]),
      [
        ["tick me", false],
        ["rename me", false],
        ["not there", false],
      ],
    );
  }));

test("signed out while the server is away is signed out, over a reload too", () =>
  visit(async (visitor) => {
    visitor.expect(/ERR_FAILED/);
    const { page } = await signUp(visitor);
    await settled(page);
    await page.route("**/api/auth/**", (route) => route.abort());
    await signOut(page);
    await page.getByText(stateTexts.session.notEnded).waitFor();
    await page.reload();
    await page.getByText(stateTexts.session.notEnded).waitFor();
    assert.doesNotMatch(await words(page), /Ana/);

    // It is told when it can be heard, and then knows of nobody any more.
    await page.unroute("**/api/auth/**");
    const told = page.waitForResponse((response) => response.url().endsWith("/sign-out"));
    await page.reload();
    assert.ok((await told).ok());
    await page.getByText(stateTexts.session.notEnded).waitFor({ state: "detached" });
    await settled(page);
    await page.reload();
    await page.getByRole("heading", { name: texts.entrance.signIn }).waitFor();
  }));

test("a gateway that is killed in the middle of an answer: another takes the turn over", () =>
  visit(async (visitor) => {
    visitor.expect(BROKEN, answered(503, 409));
    const { page, userId } = await signUp(visitor, urls.killed);
    await model.fault("kill weeds", { kind: "hang", step: 1 });
    await say(page, "add a task to kill weeds");
    await rows(page).filter({ hasText: "Added “kill weeds”" }).waitFor();

    await system.kill();
    await page.getByText(stateTexts.chat.reconnecting).first().waitFor();
    await system.replace();
    await answers(page).filter({ hasText: "kill weeds" }).waitFor({ timeout: 30_000 });

    assert.equal(await said(page).count(), 1);
    const stored = await system.rows(userId);
    assert.equal(stored.messages.length, 2);
    assert.deepEqual(stored.tasks, [{ title: "kill weeds", completed: false }]);
  }));
