/** All that is kept of a person: a copy of it, and its end. */
import assert from "node:assert/strict";
import { json } from "node:stream/consumers";
import { test } from "node:test";
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
  words,
} from "./page.ts";
import { urls } from "./system.ts";

const { visit } = browserForTests();

test("everything can be taken along, and be deleted; then nobody comes in by that password", () =>
  visit(async (visitor) => {
    visitor.expect(answered(400, 401));
    const { page, email } = await signUp(visitor);
    const other = await (await visitor.open()).newPage();
    await other.goto(urls.page);
    await signIn(other, email);
    await composer(other).waitFor();
    await ask(page, "add a task to leave no trace", "leave no trace");
    await settled(page);
    await openAccount(page);
    const { data } = accountTexts;
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: data.export }).click(),
    ]);
    await page.getByText(data.exported).waitFor();
    assert.match(file.suggestedFilename(), /\.json$/);
    const exported = JSON.stringify(await json(await file.createReadStream()));
    assert.ok(exported.includes("leave no trace") && exported.includes(email), exported);

    await page.getByRole("button", { name: data.erase }).click();
    const dialog = page.getByRole("dialog");
    const password = dialog.getByLabel(accountTexts.password.confirm, { exact: true });
    const button = dialog.getByRole("button", { name: data.eraseButton, exact: true });
    await password.fill("not my password");
    await button.click();
    await dialog.getByRole("alert").waitFor();
    await password.fill(PASSWORD);
    await button.click();
    await page.getByRole("heading", { name: mailTexts.closed.heading }).waitFor();
    assert.equal(page.url(), `${urls.page}/`);
    assert.doesNotMatch(await words(page), /trace|Ana/);

    await page.getByRole("button", { name: mailTexts.closed.button }).click();
    await signIn(page, email);
    await page.getByRole("alert").waitFor();
    assert.equal(await composer(page).count(), 0);
    await settled(other);
    await other.reload();
    await other.getByRole("heading", { name: texts.entrance.signIn }).waitFor();
  }));
