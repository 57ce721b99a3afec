import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { describe, it } from "node:test";
import { rig } from "../../test/state/page.ts";
import { ADA, refuse } from "../../test/state/stand-in.ts";
import { until } from "../../test/state/until.ts";

const NOBODY = { kind: "signed-out", notice: null };
const answer = (value: object) => (response: ServerResponse) => {
  response.end(JSON.stringify(value));
};

describe("a way in with more than a password", () => {
  const page = rig();

  async function nobody() {
    page.server.account = null;
    return await page.open();
  }

  it("an address that is not confirmed leads to the mail", async () => {
    const { session } = await nobody();
    const code = "EMAIL_NOT_VERIFIED";
    page.server.onAuth("/sign-in/email", refuse(403, { message: "Email not verified", code }));
    const entry = await session.signIn("ada@example.com", "correct horse battery");
    assert.deepEqual(entry, { ok: true, next: "mail" });
    assert.deepEqual(session.state.value, NOBODY);
  });

  it("another 403 does not", async () => {
    const { session } = await nobody();
    page.server.onAuth("/sign-in/email", refuse(403, { message: "Banned", code: "BANNED" }));
    const entry = await session.signIn("ada@example.com", "correct horse battery");
    assert.deepEqual(entry, { ok: false, words: "Banned." });
  });

  it("a new account without a session leads to the mail, whoever is signed in by the cookie", async () => {
    // The cookie of somebody whose sign-out was not heard: they must not be shown to the next one.
    const { session, window } = await page.open();
    page.server.onAuth("/sign-out", (response) => response.destroy());
    await session.signOut();
    let sent = "";
    page.server.onAuth("/sign-up/email", (response, body) => {
      sent = body;
      response.end(JSON.stringify({ user: { id: "1" }, token: null }));
    });
    const entry = await session.signUp("Eve", "eve@example.com", "correct horse battery");
    assert.deepEqual(entry, { ok: true, next: "mail" });
    assert.equal(session.state.value.kind, "signed-out");
    assert.equal(JSON.parse(sent).callbackURL, `${window.location.origin}/verify`);
    await until("it is told again", () => page.server.auth.at(-1) === "/sign-out");
    assert.equal(session.state.value.kind, "signed-out");
  });

  for (const [kind, path] of [
    ["app", "/two-factor/verify-totp"],
    ["backup", "/two-factor/verify-backup-code"],
  ] as const) {
    it(`a second factor is asked for, and ${path} lets in`, async () => {
      const { session } = await nobody();
      page.server.onAuth("/sign-in/email", answer({ twoFactorRedirect: true }));
      const entry = await session.signIn("ada@example.com", "correct horse battery");
      assert.deepEqual(entry, { ok: true, next: "second-factor" });
      assert.deepEqual(session.state.value, NOBODY);

      page.server.onAuth(path, refuse(401, { message: "Invalid code", code: "INVALID_CODE" }));
      const wrong = await session.enterCode("000000", kind);
      assert.deepEqual(wrong, { ok: false, words: "Invalid code." });
      assert.deepEqual(session.state.value, NOBODY);

      page.server.onAuth(path, (response, body) => {
        assert.deepEqual(JSON.parse(body), { code: "123456" });
        page.server.account = ADA;
        response.end(JSON.stringify({ token: "session" }));
      });
      assert.deepEqual(await session.enterCode("123456", kind), { ok: true, next: "in" });
      assert.equal(session.state.value.kind, "signed-in");
    });
  }

  it("at the end of a mail's link leads on to the page", async () => {
    page.server.account = null;
    const { session, place, window } = await page.open({ path: "/verify" });
    assert.equal(place.value, "verify");
    await session.signIn("ada@example.com", "correct horse battery");
    assert.equal(place.value, "talk");
    assert.equal(window.location.pathname, "/");
  });

  it("who comes signed in by a mail's link is told what it did", async () => {
    const { place } = await page.open({ path: "/verify" });
    assert.equal(place.value, "verify");
  });
});

describe("what is offered", () => {
  const page = rig();

  it("is nothing, until it is known; it is asked for once", async () => {
    const { session } = await page.open();
    page.server.onAuth("/options", refuse(503, { detail: "Not now." }));
    await session.askOffers();
    const nothing = { mail: false, secondFactor: false, erasure: null, mailboxUrl: null };
    assert.deepEqual(session.offers.value, nothing);
    const offered = { mail: true, secondFactor: true, erasure: false, mailboxUrl: null };
    page.server.onAuth("/options", answer(offered));
    await session.askOffers();
    await session.askOffers();
    assert.deepEqual(session.offers.value, offered);
    assert.equal(page.server.auth.filter((path) => path === "/options").length, 2);
  });

  for (const [mailboxUrl, shown] of [
    ["http://localhost:8025/", "http://localhost:8025/"],
    ["javascript:alert(1)", null],
    [7, null],
  ] as const) {
    it(`a mailbox at ${mailboxUrl} is ${shown === null ? "no" : "a"} link`, async () => {
      const { session } = await page.open();
      page.server.onAuth("/options", answer({ mail: "yes", mailboxUrl }));
      await session.askOffers();
      assert.equal(session.offers.value.mailboxUrl, shown);
      assert.equal(session.offers.value.mail, false);
    });
  }
});

describe("what goes by mail", () => {
  const page = rig();

  it("names where its links lead, and says what the server says", async () => {
    const { session, window } = await page.open();
    const { origin } = window.location;
    const email = "ada@example.com";
    const sent = new Map<string, unknown>();
    for (const path of ["/send-verification-email", "/request-password-reset", "/reset-password"]) {
      page.server.onAuth(path, (response, body) => {
        sent.set(path, JSON.parse(body));
        response.end('{"status":true}');
      });
    }
    assert.deepEqual(await session.mails.verify(email), { ok: true });
    assert.deepEqual(await session.mails.forgot(email), { ok: true });
    assert.deepEqual(await session.mails.reset("a-token", "a new password"), { ok: true });
    assert.deepEqual(Object.fromEntries(sent), {
      "/send-verification-email": { email, callbackURL: `${origin}/verify` },
      "/request-password-reset": { email, redirectTo: `${origin}/reset-password` },
      "/reset-password": { newPassword: "a new password", token: "a-token" },
    });
    const limited = { code: "rate_limited", detail: "Too many attempts." };
    page.server.onAuth("/send-verification-email", refuse(429, limited, { "retry-after": "60" }));
    assert.deepEqual(await session.mails.verify(email), {
      ok: false,
      words: "Too many attempts. Try again in 60 seconds.",
    });
  });
});
