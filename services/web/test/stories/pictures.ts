/**
 * Pictures of every story, at both widths and in both themes, each looked at by axe.
 *
 * `node test/stories/pictures.ts FOLDER [STORY…]`; needs Chromium at CHROMIUM or /usr/bin/chromium.
 */
import { AxeBuilder } from "@axe-core/playwright";
import { chromium, type Page } from "playwright-core";
import { createServer } from "vite";

const [folder = "pictures", ...chosen] = process.argv.slice(2);
const ROOT = `${import.meta.dirname}/../..`;

const WIDTHS = { wide: { width: 1180, height: 760 }, phone: { width: 400, height: 780 } };
const STORIES = [
  "sign-in",
  "ended",
  "unreachable",
  "empty",
  "conversation",
  "working",
  "thinking",
  "failed",
  "choices",
  "offline",
  "many",
  "long",
  "full",
  "account",
  "account-bare",
  "reset",
  "reset-no-token",
  "verified",
  "verified-here",
  "verify-expired",
  "closed",
  "budget-used-up",
];
/** A story, and what the person has done in it. */
const STEPS: Record<string, { story: string; do(page: Page): Promise<void> }> = {
  "sign-up": {
    story: "sign-in",
    do: async (page) => {
      await page.getByRole("button", { name: "Create an account" }).click();
      await page.getByRole("textbox", { name: "Name" }).fill("Ana");
      await page.getByRole("textbox", { name: "Password" }).fill("short");
      await page.getByRole("button", { name: "Create account" }).click();
    },
  },
  "sheet-tasks": {
    story: "conversation",
    do: async (page) => {
      const opener = page.getByRole("button", { name: "Tasks, 3 open" });
      if (await opener.isVisible()) await opener.click();
      await page.getByRole("button", { name: "Delete “paint the shed”" }).click();
    },
  },
  "sheet-conversations": {
    story: "conversation",
    do: async (page) => {
      const opener = page.getByRole("button", { name: "Conversations" });
      if (await opener.isVisible()) await opener.click();
      await page.getByRole("button", { name: "Options for “Paint the shed”" }).click();
    },
  },
  "delete-conversation": {
    story: "conversation",
    do: async (page) => {
      await STEPS["sheet-conversations"]?.do(page);
      await page.getByRole("button", { name: "Delete", exact: true }).click();
    },
  },
  menu: {
    story: "conversation",
    do: async (page) => {
      const opener = page.getByRole("button", { name: "Conversations" });
      if (await opener.isVisible()) await opener.click();
      await page.getByRole("button", { name: "Account: Ana Lima" }).click();
    },
  },
  password: {
    story: "account",
    do: async (page) => {
      await page.getByRole("button", { name: "Change password" }).click();
      await page.getByRole("textbox", { name: "New password" }).fill("short");
      await page.getByRole("dialog").getByRole("button", { name: "Change password" }).click();
    },
  },
  address: {
    story: "account",
    do: (page) => page.getByRole("button", { name: "Change address" }).click(),
  },
  "factor-scan": {
    story: "account",
    do: async (page) => {
      await page.getByRole("button", { name: "Set up a second step" }).click();
      await page.getByRole("textbox", { name: "Your password" }).fill("a password");
      await page.getByRole("button", { name: "Next" }).click();
      await page.getByRole("img", { name: "QR code" }).waitFor();
    },
  },
  "factor-codes": {
    story: "account",
    do: async (page) => {
      await STEPS["factor-scan"]?.do(page);
      await page.getByRole("textbox", { name: "Code from the app" }).fill("123 456");
      await page.getByRole("button", { name: "Turn it on" }).click();
      await page.getByText("aB3dE-9Xy0Z").waitFor();
    },
  },
  erase: {
    story: "account",
    do: async (page) => {
      await page.getByRole("button", { name: "Delete everything…" }).click();
      await page.getByRole("textbox", { name: "Your password" }).fill("wrong");
      await page.getByRole("button", { name: "Delete everything", exact: true }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  "account-end": {
    story: "account",
    do: async (page) => {
      await page.getByRole("button", { name: "Sign out all other devices" }).click();
      await page.getByRole("button", { name: "Download everything" }).click();
      await page.getByRole("alert").nth(1).waitFor();
      await page.getByRole("button", { name: "Delete everything…" }).scrollIntoViewIfNeeded();
    },
  },
  mail: {
    story: "sign-in",
    do: async (page) => {
      await page.getByRole("button", { name: "Create an account" }).click();
      await page.getByRole("textbox", { name: "Name" }).fill("Ana");
      await page.getByRole("textbox", { name: "Email" }).fill("ana@example.com");
      await page.getByRole("textbox", { name: "Password" }).fill("correct horse battery");
      await page.getByRole("button", { name: "Create account" }).click();
      await page.getByRole("heading", { name: "Look into your mail" }).waitFor();
    },
  },
  unconfirmed: {
    story: "sign-in",
    do: async (page) => {
      await page.getByRole("textbox", { name: "Email" }).fill("ana@example.com");
      await page.getByRole("textbox", { name: "Password" }).fill("to the mail");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("button", { name: "Send it again" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  forgot: {
    story: "sign-in",
    do: async (page) => {
      await page.getByRole("button", { name: "Forgot your password?" }).click();
      await page.getByRole("button", { name: "Send the link" }).click();
    },
  },
  code: {
    story: "sign-in",
    do: async (page) => {
      await page.getByRole("textbox", { name: "Email" }).fill("ana@example.com");
      await page.getByRole("textbox", { name: "Password" }).fill("a code is next");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("textbox", { name: "Code" }).fill("111111");
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  reading: {
    story: "long",
    do: async (page) => {
      await page.getByRole("region", { name: "Messages" }).evaluate((box) => box.scrollTo(0, 300));
    },
  },
};

const server = await createServer({
  root: ROOT,
  configFile: `${ROOT}/vite.config.ts`,
  server: { port: 0, hmr: false, watch: null },
  logLevel: "error",
});
await server.listen();
const address = server.resolvedUrls?.local[0];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
let problems = 0;

for (const name of [...STORIES, ...Object.keys(STEPS)]) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  for (const [width, viewport] of Object.entries(WIDTHS)) {
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await browser.newContext({ viewport, colorScheme });
      const page = await context.newPage();
      const label = `${name}-${width}-${colorScheme}`;
      const report = (words: string) => {
        problems += 1;
        process.stdout.write(`${label}: ${words}\n`);
      };
      page.on("pageerror", (error) => report(`${error}`));
      page.on("console", (message) => {
        if (message.type() === "error") report(message.text());
      });
      const story = STEPS[name]?.story ?? name;
      await page.goto(`${address}test/stories/index.html?${story}`);
      // A part that is loaded when it is opened is busy until then.
      await page.locator("main:not([aria-busy=true]), dialog").first().waitFor();
      await STEPS[name]?.do(page);
      await page.screenshot({ path: `${folder}/${label}.png` });
      // Not among the rules that axe applies by itself.
      const axe = new AxeBuilder({ page }).options({ rules: { "target-size": { enabled: true } } });
      const { violations } = await axe.analyze();
      for (const one of violations) {
        report(`${one.id} (${one.impact}): ${one.nodes.map((node) => node.html).join("\n  ")}`);
      }
      await context.close();
    }
  }
}
await browser.close();
await server.close();
process.stdout.write(`${problems} problems\n`);
process.exitCode = problems === 0 ? 0 : 1;
