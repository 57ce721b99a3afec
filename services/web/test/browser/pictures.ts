/** `npm run pictures`: what the README shows, into docs/pictures. Needs no eye of a test: look at them. */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type BrowserContextOptions, chromium } from "playwright-core";
import { texts } from "../../src/texts.ts";
import { ask, PHONE, rows, say, sendButton, signUp, stopButton, WIDE } from "./page.ts";
import { model, urls } from "./system.ts";

const FOLDER = fileURLToPath(new URL("../../../../docs/pictures/", import.meta.url));
const LOOKS: Readonly<Record<string, BrowserContextOptions>> = {
  wide: { viewport: WIDE, colorScheme: "light" },
  dark: { viewport: WIDE, colorScheme: "dark" },
  phone: { viewport: PHONE, colorScheme: "light" },
};

mkdirSync(FOLDER, { recursive: true });
const browser = await chromium.connect(process.env.TASKCHAT_BROWSER ?? "");
for (const [look, options] of Object.entries(LOOKS)) {
  const open = (more?: BrowserContextOptions) =>
    browser.newContext({
      ...options,
      ...more,
      reducedMotion: "reduce",
      timezoneId: "Europe/Berlin",
    });
  // Signed up where the list is beside the chat, then looked at in its own width.
  const { page } = await signUp({ open: () => open({ viewport: WIDE }), expect: () => undefined });
  await ask(page, "what can you do?", "task");
  await page.getByRole("button", { name: texts.conversations.begin }).click();
  await ask(
    page,
    "add tasks to book the train to Lisbon, to water the plants and to call mum",
    "mum",
  );
  await ask(page, "I called mum", "mum");
  await page.setViewportSize(options.viewport ?? WIDE);
  await page.screenshot({ path: `${FOLDER}${look}-after.png` });

  await model.fault("paint the shed", { kind: "hang", step: 1 });
  await say(page, "add a task to paint the shed");
  await rows(page).filter({ hasText: "paint the shed" }).waitFor();
  await stopButton(page).waitFor();
  await page.screenshot({ path: `${FOLDER}${look}-working.png` });
  await model.release("paint the shed");
  await sendButton(page).waitFor();
  await page.context().close();

  const entrance = await (await open()).newPage();
  await entrance.goto(urls.page);
  await entrance.getByRole("heading", { name: texts.entrance.signIn }).waitFor();
  await entrance.screenshot({ path: `${FOLDER}${look}-entrance.png` });
  await entrance.context().close();
}
await browser.close();
