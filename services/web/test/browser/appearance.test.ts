/** For whom the page must work too: no mouse, a screen reader, a phone, the dark, very much to show. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { accountTexts } from "../../src/account-texts.ts";
import { texts } from "../../src/texts.ts";
import {
  ask,
  browserForTests,
  composer,
  conversations,
  messages,
  openAccount,
  PASSWORD,
  PHONE,
  said,
  sendButton,
  settled,
  signUp,
  stopButton,
  tasks,
  WIDE,
} from "./page.ts";
import { model, system, urls } from "./system.ts";

const { visit } = browserForTests();

/** Looks with axe at what is on the screen, in both themes and at both widths. */
async function look(page: Page, where: string): Promise<void> {
  for (const viewport of [WIDE, PHONE]) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const axe = new AxeBuilder({ page });
      // Another theme has other colours, and nothing else.
      if (colorScheme === "dark") axe.withRules(["color-contrast", "link-in-text-block"]);
      const { violations } = await axe.analyze();
      const found = violations.map((one) => `${one.id}: ${one.nodes.map((n) => n.html).join()}`);
      assert.deepEqual(found, [], `${where}, ${viewport.width} px, ${colorScheme}`);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= viewport.width, `${where} is ${width} px wide at ${viewport.width}`);
    }
  }
  await page.setViewportSize(WIDE);
}

test("axe finds nothing on the way in, at both widths and in both themes", () =>
  visit(async (visitor) => {
    const entrance = await (await visitor.open()).newPage();
    await entrance.goto(urls.page);
    await entrance.getByRole("heading", { name: texts.entrance.signIn }).waitFor();
    await look(entrance, "sign-in");
    await entrance.getByRole("button", { name: texts.entrance.signUp }).click();
    await entrance.getByRole("button", { name: texts.entrance.signUpButton }).click();
    await look(entrance, "sign-up with what is missing");
  }));

test("nor in the chat", () =>
  visit(async (visitor) => {
    const { page } = await signUp(visitor);
    await look(page, "empty");
    await model.fault("look here", { kind: "hang", step: 1 });
    await composer(page).fill("add a task to look here");
    await composer(page).press("Enter");
    await stopButton(page).waitFor();
    await tasks(page).filter({ hasText: "look here" }).waitFor();
    await look(page, "a turn that runs");
    await model.release("look here");
    await sendButton(page).waitFor();
    await page.getByRole("button", { name: texts.tasks.remove("look here") }).click();
    await page.getByRole("button", { name: texts.tasks.undo, exact: true }).waitFor();
    await look(page, "an answer, and a click that can be undone");
  }));

test("nor in the account", () =>
  visit(async (visitor) => {
    const { page } = await signUp(visitor);
    await openAccount(page);
    await page.getByText(accountTexts.devices.current).waitFor();
    await look(page, "the account");
  }));

test("the journey by the keyboard alone", () =>
  visit(async (visitor) => {
    const page = await (await visitor.open()).newPage();
    await page.goto(urls.page);
    const { keyboard } = page;
    /** Tab until this has the focus, as a person does who looks where they are. */
    async function tabTo(role: "button" | "textbox" | "checkbox" | "link", name: string) {
      const wanted = page.getByRole(role, { name, exact: true });
      for (let steps = 0; steps < 60; steps += 1) {
        const isThere = await wanted.evaluateAll((all) =>
          all.includes(document.activeElement as never),
        );
        if (isThere) return;
        await keyboard.press("Tab");
      }
      assert.fail(`Tab does not come to ${role} ${name}`);
    }

    await page.getByRole("heading", { name: texts.entrance.signIn }).waitFor();
    await tabTo("button", texts.entrance.signUp);
    await keyboard.press("Enter");
    await keyboard.press("Shift+Tab");
    await tabTo("textbox", texts.entrance.name);
    await keyboard.type("Ana Lima");
    await keyboard.press("Tab");
    await keyboard.type(`keys-${process.pid}@example.com`);
    await keyboard.press("Tab");
    await keyboard.type(PASSWORD);
    await keyboard.press("Enter");

    // The composer has the focus, and `/` brings it back.
    await page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA");
    await keyboard.type("add a task to press keys");
    await keyboard.press("Enter");
    await tasks(page).filter({ hasText: "press keys" }).waitFor();
    await sendButton(page).waitFor();
    await keyboard.press("Escape");
    await keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), "TEXTAREA");
    await keyboard.type("first line");
    await keyboard.press("Shift+Enter");
    assert.match(await composer(page).inputValue(), /^first line\n$/);
    await keyboard.press("Control+a");
    await keyboard.press("Delete");

    await tabTo("checkbox", "press keys");
    await keyboard.press("Space");
    await tasks(page).getByRole("checkbox", { checked: true }).waitFor();
    await tabTo("button", texts.tasks.rename("press keys"));
    await keyboard.press("Enter");
    await keyboard.type("press other keys");
    await keyboard.press("Enter");
    await tasks(page).filter({ hasText: "press other keys" }).waitFor();
    await tabTo("button", texts.tasks.remove("press other keys"));
    await keyboard.press("Enter");
    await tasks(page).filter({ hasText: "press" }).waitFor({ state: "detached" });
    await page.getByText("Deleted “press other keys”").first().waitFor();
    await keyboard.press("Control+z");
    await tasks(page).filter({ hasText: "press other keys" }).waitFor();
    await tabTo("button", texts.account.open("Ana Lima"));
    await keyboard.press("Enter");
    await tabTo("button", texts.account.signOut);
    await keyboard.press("Enter");
    await page.getByRole("heading", { name: texts.entrance.signIn }).waitFor();
  }));

test("a screen reader hears finished sentences and rows, in one polite region", () =>
  visit(async (visitor) => {
    const { page } = await signUp(visitor);
    const region = page.getByRole("status");
    assert.equal(await region.count(), 1);
    await region.evaluate((element) => {
      const heard: string[] = [];
      Object.assign(window, { heard });
      new MutationObserver((records) => {
        for (const { addedNodes } of records) {
          heard.push(...[...addedNodes].map((node) => node.textContent ?? ""));
        }
      }).observe(element, { childList: true, characterData: true, subtree: true });
    });
    await ask(page, "add a task to listen well", "listen well");

    const heard = await page.evaluate(() => (window as never as { heard: string[] }).heard);
    assert.ok(
      heard.some((words) => /Added “listen well”/.test(words)),
      heard.join("\n"),
    );
    assert.ok(
      heard.some((words) => /I added “listen well”/.test(words)),
      heard.join("\n"),
    );
    const halves = heard.filter((words) => words !== "" && !/[.…?!:”)]\s*$/.test(words));
    assert.deepEqual(halves, [], "half a sentence was read out");
  }));

test("a thousand messages and five hundred tasks", () =>
  visit(async (visitor) => {
    const { page, userId } = await signUp(visitor);
    await settled(page);
    const conversationId = await system.fill(userId, 1000, 500);

    await page.goto(`${urls.page}/c/${conversationId}`);
    await messages(page).getByText("Answer 1000", { exact: false }).waitFor();
    await page.getByText(texts.tasks.open(500)).first().waitFor();
    const earlier = page.getByRole("button", { name: texts.chat.earlier });
    for (let shown = await said(page).count(); shown < 500; ) {
      await earlier.click();
      const before = shown;
      await said(page).nth(before).waitFor();
      shown = await said(page).count();
    }
    assert.equal(await said(page).count(), 500);
    assert.equal(await earlier.count(), 0);
    await said(page)
      .filter({ hasText: /Question 1$/ })
      .waitFor();

    // It still answers, and both lists still scroll within a few frames.
    await page.evaluate(() => {
      Object.assign(window, { slowest: 0 });
      let last = performance.now();
      const frame = (now: number) => {
        const seen = window as never as { slowest: number };
        seen.slowest = Math.max(seen.slowest, now - last);
        last = now;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
    for (const list of [messages(page), page.getByRole("list", { name: "" }).last()]) {
      await list.hover();
      for (let n = 0; n < 10; n += 1) await page.mouse.wheel(0, 2000);
    }
    await ask(page, "add a task to end this", "end this");
    assert.equal(await conversations(page).count(), 1);
    const slowest = await page.evaluate(() => (window as never as { slowest: number }).slowest);
    assert.ok(slowest < 1000, `a frame took ${slowest} ms`);
  }));

test("a long description is three lines, and all of it for who asks; a short one has no button", () =>
  visit(async (visitor) => {
    const { page } = await signUp(visitor);
    // The field of the page takes titles alone: a description comes from the model, or from a program.
    const descriptions: Readonly<Record<string, string>> = {
      short: "two words",
      long: `${"many words ".repeat(180)}to the end`,
    };
    await page.route("**/chat", (route) => {
      const asked = route.request().postDataJSON();
      if (asked.params.action?.type !== "tasks.add") return route.continue();
      const { payload } = asked.params.action;
      payload.description = descriptions[payload.title];
      return route.continue({ postData: JSON.stringify(asked) });
    });
    const field = page.getByRole("textbox", { name: texts.tasks.add });
    for (const title of Object.keys(descriptions)) {
      await field.fill(title);
      await field.press("Enter");
      await tasks(page).filter({ hasText: title }).waitFor();
    }
    const row = tasks(page).filter({ hasText: "long" });
    const more = page.getByRole("button", { name: texts.tasks.moreOf("long"), exact: true });
    const less = page.getByRole("button", { name: texts.tasks.lessOf("long"), exact: true });
    const height = async () => (await row.boundingBox())?.height ?? 0;
    await more.waitFor();
    assert.equal(await page.getByRole("button", { name: texts.tasks.more }).count(), 1);
    const closed = await height();
    assert.ok(closed < 160, `${closed} px`);

    await more.focus();
    await page.keyboard.press("Enter");
    assert.equal(await less.getAttribute("aria-expanded"), "true");
    assert.ok((await height()) > closed * 3);
    assert.equal(await row.getByRole("checkbox", { checked: true }).count(), 0);
    const { violations } = await new AxeBuilder({ page }).analyze();
    assert.deepEqual(violations, []);
    await page.keyboard.press("Space");
    await more.waitFor();
    assert.equal(await height(), closed);
  }));

test("what cannot be drawn says so in its own place, with a way on", () =>
  visit(async (visitor) => {
    visitor.expect(/could not be drawn/);
    const { page } = await signUp(visitor);
    await ask(page, "add a task to draw", "draw");
    await settled(page);
    // A browser that throws where it should not, as a defect of ours would.
    await page.addInitScript(() => {
      if (sessionStorage.getItem("mended") !== null) return;
      const broken = class {
        constructor() {
          throw new Error("ordered by the test");
        }
      };
      Object.assign(window, { IntersectionObserver: broken, ResizeObserver: broken });
    });
    await page.reload();
    const broken = page.getByRole("alert").filter({ hasText: texts.broken.words });
    await broken.nth(1).waitFor();
    await composer(page).waitFor();
    assert.equal(await conversations(page).count(), 1);
    assert.equal((await tasks(page).count()) + (await said(page).count()), 0);
    const { violations } = await new AxeBuilder({ page }).analyze();
    assert.deepEqual(violations, []);

    await settled(page);
    await page.evaluate(() => sessionStorage.setItem("mended", "yes"));
    await broken.first().getByRole("button", { name: texts.broken.reload }).click();
    await tasks(page).filter({ hasText: "draw" }).waitFor();
    await said(page).filter({ hasText: "draw" }).waitFor();
  }));
