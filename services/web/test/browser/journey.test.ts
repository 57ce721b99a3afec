import assert from "node:assert/strict";
import { test } from "node:test";
import { accountTexts } from "../../src/account-texts.ts";
import { stateTexts, texts } from "../../src/texts.ts";
import {
  answers,
  ask,
  browserForTests,
  conversations,
  messages,
  openAccount,
  PASSWORD,
  rows,
  said,
  settled,
  signIn,
  signOut,
  signUp,
  tasks,
  words,
} from "./page.ts";
import { system, urls } from "./system.ts";

const { visit } = browserForTests();

test("the whole journey, from an account to a list that is done", () =>
  visit(async (visitor) => {
    const { page, email, userId } = await signUp(visitor);
    await page.getByRole("heading", { name: texts.empty.heading }).waitFor();
    await page.getByText(texts.chat.simulated).waitFor();

    await ask(page, "add tasks to buy milk and to call mum", "call mum");
    await rows(page).filter({ hasText: "Added “buy milk”" }).waitFor();
    await rows(page).filter({ hasText: "Added “call mum”" }).waitFor();
    await tasks(page).filter({ hasText: "buy milk" }).waitFor();
    assert.equal(await tasks(page).count(), 2);
    assert.match(page.url(), /\/c\/[0-9a-f-]{36}$/);
    const first = page.url();

    // By the model, then by clicks: the list is current without a reload.
    await ask(page, "I called mum", "call mum");
    const mum = tasks(page).filter({ hasText: "call mum" });
    await mum.getByRole("checkbox", { checked: true }).waitFor();
    await page.getByRole("textbox", { name: texts.tasks.add }).fill("paint the shed");
    await page.getByRole("button", { name: texts.tasks.addButton, exact: true }).click();
    const shed = tasks(page).filter({ hasText: "paint the shed" });
    await shed.waitFor();
    await page.getByRole("button", { name: texts.tasks.rename("paint the shed") }).click();
    await page.getByRole("textbox", { name: texts.tasks.renameLabel }).fill("paint the fence");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: texts.tasks.remove("paint the fence") }).click();
    await tasks(page).filter({ hasText: "paint the fence" }).waitFor({ state: "detached" });
    // At once: what is offered is to take back the deletion, not what was done before it.
    await page.getByRole("button", { name: texts.tasks.undo, exact: true }).click();
    await tasks(page).filter({ hasText: "paint the fence" }).waitFor();
    await tasks(page).filter({ hasText: "buy milk" }).getByRole("checkbox").click();
    await page.getByRole("radio", { name: texts.tasks.filters.done }).check({ force: true });
    await tasks(page).filter({ hasText: "paint the fence" }).waitFor({ state: "detached" });
    assert.equal(await tasks(page).count(), 2);

    // A second conversation; each has its address, its title and what was said in it.
    await page.getByRole("button", { name: texts.conversations.begin }).click();
    await ask(page, "what is still open?", "paint the fence");
    assert.notEqual(page.url(), first);
    assert.equal(await conversations(page).count(), 2);
    await settled(page);
    await page.goBack();
    await said(page).filter({ hasText: "add tasks to buy milk" }).waitFor();
    await settled(page);
    await page.reload();
    await said(page).filter({ hasText: "add tasks to buy milk" }).waitFor();
    assert.equal(await answers(page).count(), 2);
    assert.equal(page.url(), first);

    // Signed out, nothing of it is there, by no button of the browser; signed in, all of it.
    await signOut(page);
    assert.equal(page.url(), `${urls.page}/`);
    for (const go of [() => page.goForward(), () => page.goBack()]) {
      await go();
      await page.getByRole("heading", { name: texts.entrance.signIn }).waitFor();
      assert.doesNotMatch(await page.content(), /milk|Ana/);
    }
    const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
    assert.doesNotMatch(kept, /milk|Ana|eyJ/);
    await settled(page);
    await page.goto(urls.page);
    await signIn(page, email);
    await conversations(page).filter({ hasText: "what is still open" }).waitFor();

    const stored = await system.rows(userId);
    assert.deepEqual(
      stored.tasks.map(({ title, completed }) => [title, completed]),
      [
        ["buy milk", true],
        ["call mum", true],
        ["paint the fence", false],
      ],
    );
    assert.equal(stored.messages.length, 6);
  }));

test("two people in two browsers see nothing of each other", () =>
  visit(async (visitor) => {
    const [ana, bob] = [
      await signUp(visitor, urls.page, "Ana"),
      await signUp(visitor, urls.page, "Bob"),
    ];
    await Promise.all([
      ask(ana.page, "add a task to water the roses", "roses"),
      ask(bob.page, "add a task to fix the bike", "bike"),
    ]);

    assert.deepEqual(await tasks(ana.page).count(), 1);
    assert.doesNotMatch(await words(ana.page), /bike|Bob/);
    assert.doesNotMatch(await words(bob.page), /roses|Ana/);

    // The other's conversation has no address.
    visitor.expect(/status of 404 /);
    await settled(bob.page);
    await bob.page.goto(ana.page.url());
    await bob.page
      .getByText(/not there|no such conversation/i)
      .first()
      .waitFor();
    assert.doesNotMatch(await words(bob.page), /roses/);

    // Nor is there one at what is nobody's: the page says so, not a program.
    for (const path of [
      "/c/nonsense",
      new URL(ana.page.url()).pathname.toUpperCase().replace("C", "c"),
    ]) {
      await settled(bob.page);
      await bob.page.goto(`${urls.page}${path}`);
      await bob.page.getByText(stateTexts.api.conversationGone).first().waitFor();
      await messages(bob.page).waitFor();
      assert.equal(bob.page.url(), `${urls.page}/`);
    }
  }));

test("two tabs: what one does with the account, the other follows", () =>
  visit(async (visitor) => {
    const { context, page, email } = await signUp(visitor);
    const other = await context.newPage();
    await other.goto(urls.page);
    await ask(page, "add a task to sweep", "sweep");

    await other.bringToFront();
    await tasks(other).filter({ hasText: "sweep" }).waitFor();
    await conversations(other).filter({ hasText: "sweep" }).waitFor();

    await signOut(page);
    await other.getByRole("heading", { name: texts.entrance.signIn }).waitFor();
    assert.doesNotMatch(await words(other), /sweep/);
    await signIn(other, email);
    await tasks(page).filter({ hasText: "sweep" }).waitFor();
  }));

test("a wrong password, a taken address, another password", () =>
  visit(async (visitor) => {
    const { page, email } = await signUp(visitor);
    const { password } = accountTexts;
    await openAccount(page);
    await page.getByRole("button", { name: password.change }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(password.current, { exact: true }).fill(PASSWORD);
    await dialog.getByLabel(password.next, { exact: true }).fill("another good password");
    await dialog.getByRole("button", { name: password.change }).click();
    await dialog.getByText(password.changed).waitFor();
    await dialog.getByRole("button", { name: accountTexts.done }).click();
    await page.getByRole("link", { name: accountTexts.back }).click();
    await signOut(page);

    visitor.expect(/status of (401|422) /);
    await signIn(page, email);
    await page.getByRole("alert").waitFor();
    assert.equal(await messages(page).count(), 0);
    await signIn(page, email, "another good password");
    await page.getByRole("heading", { name: texts.empty.heading }).waitFor();
  }));
