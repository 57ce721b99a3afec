/** An account's life, from the mail that confirms it to the deletion of everything. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { accountTexts } from "../../src/account-texts.ts";
import { mailTexts } from "../../src/mail-texts.ts";
import { texts } from "../../src/texts.ts";
import {
  answered,
  ask,
  browserForTests,
  composer,
  openAccount,
  PASSWORD,
  settled,
  signIn,
  signUp,
  tasks,
} from "./page.ts";
import { mailbox, urls } from "./system.ts";

const { visit } = browserForTests();
const NEW_PASSWORD = "another good password";

/** By the page, up to where it says that there is a mail. */
async function askForAccount(page: Page, email: string): Promise<void> {
  await page.goto(urls.mail);
  await page.getByRole("button", { name: texts.entrance.signUp }).click();
  await page.getByLabel(texts.entrance.name, { exact: true }).fill("Ana Lima");
  await page.getByLabel(texts.entrance.email).fill(email);
  await page.getByLabel(texts.entrance.password, { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: texts.entrance.signUpButton }).click();
  await page.getByRole("heading", { name: mailTexts.look.heading }).waitFor();
}

test("an account begins with a mail: looked for, sent again, too old, confirmed; then the first task", () =>
  visit(async (visitor) => {
    visitor.expect(answered(403));
    const email = `mail-${process.pid}@example.com`;
    const page = await (await visitor.open()).newPage();
    await askForAccount(page, email);
    const box = await page.getByRole("link", { name: mailTexts.look.mailbox }).getAttribute("href");
    assert.equal(box, urls.mailbox);
    assert.equal(await composer(page).count(), 0);
    const link = await mailbox.link(email);

    // Before it was opened, the right password leads to the mail, too.
    await page.getByRole("button", { name: mailTexts.look.toSignIn }).click();
    await signIn(page, email);
    await page.getByText(mailTexts.look.unconfirmed(email)).waitFor();
    await page.getByRole("button", { name: mailTexts.look.again, exact: true }).click();
    await page.getByText(mailTexts.look.sent).waitFor();
    await settled(page);

    const broken = new URL(link);
    broken.searchParams.set("token", "nonsense");
    await page.goto(broken.href);
    await page.getByRole("heading", { name: mailTexts.verify.heading }).waitFor();
    assert.equal(page.url(), `${urls.mail}/verify`);

    await settled(page);
    await page.goto(link);
    await page.getByText(mailTexts.verify.done).waitFor();
    assert.equal(page.url(), `${urls.mail}/verify`);
    await signIn(page, email);
    await ask(page, "add a task to buy stamps", "stamps");
    await tasks(page).filter({ hasText: "stamps" }).waitFor();
    assert.match(page.url(), /\/c\//);

    // Another address takes its place when its own mail was read, not before.
    await settled(page);
    await openAccount(page);
    const { you } = accountTexts;
    await page.getByRole("button", { name: you.change }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(you.next).fill(`new-${email}`);
    await dialog.getByRole("button", { name: you.button }).click();
    await page.getByText(you.sent(email)).waitFor();
    await settled(page);
    await page.goto(await mailbox.link(`new-${email}`));
    await page
      .getByRole("definition")
      .filter({ hasText: `new-${email}` })
      .waitFor();
    assert.equal(page.url(), `${urls.mail}/account`);
  }));

test("a forgotten password: the link's token stays nowhere, the old password and other browsers are out", () =>
  visit(async (visitor) => {
    visitor.expect(answered(401));
    const email = `forgot-${process.pid}@example.com`;
    const [page, other] = [
      await (await visitor.open()).newPage(),
      await (await visitor.open()).newPage(),
    ];
    await askForAccount(page, email);
    await page.goto(await mailbox.link(email));
    await page.getByText(mailTexts.verify.done).waitFor();
    await other.goto(urls.mail);
    await signIn(other, email);
    await composer(other).waitFor();

    await page.getByRole("button", { name: texts.entrance.forgot }).click();
    // Nobody is told whether there is such an account.
    await page.getByLabel(texts.entrance.email).fill(`nobody-${process.pid}@example.com`);
    await page.getByRole("button", { name: mailTexts.forgot.button }).click();
    await page.getByText(mailTexts.look.reset(`nobody-${process.pid}@example.com`)).waitFor();
    await page.getByRole("button", { name: mailTexts.look.otherAddress }).click();
    await page.getByLabel(texts.entrance.email).fill(email);
    await page.getByRole("button", { name: mailTexts.forgot.button }).click();
    await page.getByText(mailTexts.look.reset(email)).waitFor();

    const link = await mailbox.link(email, "/reset-password?token=");
    const token = new URL(link).searchParams.get("token") ?? "";
    assert.ok(token.length > 20, link);
    await settled(page);
    const asked: string[] = [];
    page.on("request", (request) => {
      asked.push(`${request.url()} ${JSON.stringify(request.headers())}`);
    });
    await page.goto(link);
    const field = page.getByLabel(mailTexts.reset.next, { exact: true });
    await field.waitFor();
    assert.equal(page.url(), `${urls.mail}/reset-password`);
    assert.ok(!asked.slice(1).some((one) => one.includes(token)), asked.join("\n"));
    await field.fill("short");
    await page.getByRole("button", { name: mailTexts.reset.button }).click();
    await page.getByText(texts.entrance.shortPassword(5)).waitFor();
    await field.fill(NEW_PASSWORD);
    await page.getByRole("button", { name: mailTexts.reset.button }).click();
    await page.getByText(mailTexts.reset.done).waitFor();

    await signIn(page, email);
    await page.getByRole("alert").waitFor();
    await signIn(page, email, NEW_PASSWORD);
    await composer(page).waitFor();
    assert.equal(page.url(), `${urls.mail}/`);
    await other.reload();
    await other.getByRole("heading", { name: texts.entrance.signIn }).waitFor();
  }));

test("another password, or a click in the list of sessions, ends another browser's session", () =>
  visit(async (visitor) => {
    const { page, email } = await signUp(visitor);
    const other = await (await visitor.open()).newPage();
    const comeIn = async (password: string) => {
      await other.goto(urls.page);
      await signIn(other, email, password);
      await composer(other).waitFor();
      await settled(other);
    };
    const isOut = async () => {
      await other.reload();
      await other.getByRole("heading", { name: texts.entrance.signIn }).waitFor();
      await settled(other);
    };
    const rows = page
      .getByRole("region", { name: accountTexts.devices.heading })
      .getByRole("listitem");
    await comeIn(PASSWORD);
    await openAccount(page);
    assert.equal(page.url(), `${urls.page}/account`);
    await rows.nth(1).waitFor();
    assert.equal(await rows.filter({ hasText: accountTexts.devices.current }).count(), 1);

    await rows.nth(1).getByRole("button").focus();
    await page.keyboard.press("Enter");
    await rows.nth(1).waitFor({ state: "detached" });
    await page.getByRole("alert").waitFor();
    await page.waitForFunction(() => document.activeElement?.matches("ul.devices"));
    await isOut();

    await comeIn(PASSWORD);
    const { password } = accountTexts;
    await page.getByRole("button", { name: password.change }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(password.current, { exact: true }).fill(PASSWORD);
    await dialog.getByLabel(password.next, { exact: true }).fill(NEW_PASSWORD);
    await dialog.getByRole("button", { name: password.change }).click();
    await dialog.getByText(password.changed).waitFor();
    await dialog.getByRole("button", { name: accountTexts.done }).click();
    await isOut();

    // This browser is still in, by its address alone, and by the browser's own way back.
    await settled(page);
    await page.goto(`${urls.page}/account`);
    await rows.first().waitFor();
    assert.equal(await rows.count(), 1);
    await page.getByRole("link", { name: accountTexts.back }).click();
    await composer(page).waitFor();
    await page.goBack();
    await rows.first().waitFor();
  }));

test("a second step: set up, asked for, let in by a code and by a backup code, turned off", () =>
  visit(async (visitor) => {
    visitor.expect(answered(401));
    const { page, email } = await signUp(visitor);
    const { factor } = accountTexts;
    await openAccount(page);
    await page.getByRole("button", { name: factor.setUp }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(accountTexts.password.confirm, { exact: true }).fill(PASSWORD);
    await dialog.getByRole("button", { name: factor.next }).click();
    await dialog.getByRole("img", { name: factor.picture }).waitFor();
    const secret = (await dialog.locator(".secret").textContent()) ?? "";
    await dialog.getByLabel(factor.code).fill(oneTimeCode(secret));
    await dialog.getByRole("button", { name: factor.button }).click();
    const backup = (await dialog.getByRole("listitem").first().textContent()) ?? "";
    await page.keyboard.press("Escape");
    await dialog.getByRole("button", { name: factor.kept }).click();
    await page.getByText(factor.on).waitFor();

    const other = await (await visitor.open()).newPage();
    await other.goto(urls.page);
    await signIn(other, email);
    await other.getByRole("heading", { name: mailTexts.code.heading }).waitFor();
    await other.getByLabel(mailTexts.code.appLabel, { exact: true }).fill("000000");
    await other.getByRole("button", { name: mailTexts.code.button }).click();
    await other.getByRole("alert").waitFor();
    assert.equal(await composer(other).count(), 0);
    await other.getByRole("button", { name: mailTexts.code.toBackup }).click();
    await other.getByLabel(mailTexts.code.backupLabel, { exact: true }).fill(backup);
    await other.getByRole("button", { name: mailTexts.code.button }).click();
    await composer(other).waitFor();

    await page.getByRole("button", { name: factor.turnOff }).click();
    await dialog.getByLabel(accountTexts.password.confirm, { exact: true }).fill(PASSWORD);
    await dialog.getByRole("button", { name: factor.turnOff }).click();
    await page.getByText(factor.off).waitFor();
  }));

/** RFC 6238 with six digits, for now. Args: secret: base32, in groups. */
function oneTimeCode(secret: string): string {
  const bits = [...secret.replaceAll(" ", "")]
    .map((one) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(one).toString(2).padStart(5, "0"))
    .join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac("sha1", key).update(counter).digest();
  const at = (digest.at(-1) ?? 0) & 15;
  return `${(digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000}`.padStart(6, "0");
}
