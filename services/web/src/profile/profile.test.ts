import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { describe, it } from "node:test";
import { rig } from "../../test/state/page.ts";
import { recording } from "../../test/state/recording.ts";
import { ADA, clicked, json, refuse } from "../../test/state/stand-in.ts";
import { until } from "../../test/state/until.ts";

const SESSIONS = [
  { id: "b", createdAt: "2026-11-20T08:00:00Z", userAgent: "curl/8", ipAddress: "192.0.2.1" },
  { id: "c", createdAt: "2026-11-28T08:00:00Z", userAgent: null, ipAddress: "" },
  { id: "a", createdAt: "2026-11-01T08:00:00Z", userAgent: "Firefox/1", current: true },
];

describe("where a person is signed in", () => {
  const page = rig();

  it("is a list that begins with this device, then the newest", async () => {
    const { profile } = (await page.open()).here();
    page.server.onAuth("/list-sessions", (response) => response.end(JSON.stringify(SESSIONS)));
    assert.equal(profile.devices.peek(), null);
    await profile.loadDevices();
    assert.deepEqual(
      profile.devices.value?.map(({ id, isCurrent, address }) => [id, isCurrent, address]),
      [
        ["a", true, null],
        ["c", false, null],
        ["b", false, "192.0.2.1"],
      ],
    );
  });

  it("says why it cannot be read, and keeps what was", async () => {
    const { profile } = (await page.open()).here();
    page.server.onAuth("/list-sessions", (response) => response.end(JSON.stringify(SESSIONS)));
    await profile.loadDevices();
    page.server.onAuth("/list-sessions", refuse(503, { detail: "No database." }));
    await profile.loadDevices();
    assert.equal(profile.failure.value, "No database.");
    assert.equal(profile.devices.value?.length, 3);
    page.server.onAuth("/list-sessions", (response) => response.end('{"not":"a list"}'));
    await profile.loadDevices();
    assert.match(profile.failure.value ?? "", /cannot read/);
    page.server.onAuth("/list-sessions", (response) => response.end('[{"id":"a"},7,null]'));
    await profile.loadDevices();
    assert.deepEqual(profile.devices.value, []);
    assert.equal(profile.failure.value, null);
  });

  it("is read again when one was ended", async () => {
    const { profile } = (await page.open()).here();
    let sessions = SESSIONS;
    page.server.onAuth("/list-sessions", (response) => response.end(JSON.stringify(sessions)));
    page.server.onAuth("/revoke-session", (response, body) => {
      const { id } = JSON.parse(body) as { id: string };
      sessions = sessions.filter((one) => one.id !== id);
      response.end('{"status":true}');
    });
    assert.deepEqual(await profile.endDevice("b"), { ok: true });
    assert.equal(profile.devices.value?.length, 2);
    page.server.onAuth("/revoke-other-sessions", refuse(503, { detail: "No database." }));
    const outcome = await profile.endOtherDevices();
    assert.deepEqual(outcome, { ok: false, words: "No database." });
    assert.equal(profile.devices.value?.length, 2);
  });
});

describe("how a person signs in", () => {
  const page = rig();

  it("a password is changed, or it is said why not", async () => {
    const { session, here } = await page.open();
    const { profile } = here();
    page.server.onAuth("/change-password", refuse(400, { message: "Invalid password" }));
    const wrong = await profile.changePassword("wrong", "correct horse battery");
    assert.deepEqual(wrong, { ok: false, words: "Invalid password." });
    let sent = "";
    page.server.onAuth("/change-password", (response, body) => {
      sent = body;
      response.end("{}");
    });
    assert.deepEqual(await profile.changePassword("a", "b"), { ok: true });
    const other = { currentPassword: "a", newPassword: "b", revokeOtherSessions: true };
    assert.deepEqual(JSON.parse(sent), other);
    assert.equal(session.state.value.kind, "signed-in");
  });

  it("another address is asked for; whose link was opened is known at once", async () => {
    const { session, here, window } = await page.open();
    let sent = "";
    page.server.onAuth("/change-email", (response, body) => {
      sent = body;
      page.server.account = { ...ADA, email: "new@example.com" };
      response.end('{"status":true}');
    });
    const before = here();
    assert.deepEqual(await before.profile.changeEmail("new@example.com"), { ok: true });
    const callbackURL = `${window.location.origin}/account`;
    assert.deepEqual(JSON.parse(sent), { newEmail: "new@example.com", callbackURL });
    const { state } = session;
    assert.ok(state.value.kind === "signed-in");
    assert.equal(state.value.account.email, "new@example.com");
    // The same person: what they were doing goes on.
    assert.equal(here(), before);
  });

  it("a second factor is set up in two steps, and is known then", async () => {
    const { session, here } = await page.open();
    const { profile } = here();
    const wrong = { message: "Invalid password", code: "INVALID_PASSWORD" };
    page.server.onAuth("/two-factor/enable", refuse(400, wrong));
    const refused = await profile.beginSecondFactor("wrong");
    assert.deepEqual(refused, { ok: false, words: "Invalid password." });

    const totpURI = "otpauth://totp/taskchat:ada?secret=JBSWY3DPEHPK3PXP&issuer=taskchat";
    for (const unreadable of [{}, { totpURI: 1 }, { totpURI, backupCodes: "a" }]) {
      page.server.onAuth("/two-factor/enable", (response) => {
        response.end(JSON.stringify(unreadable));
      });
      assert.equal((await profile.beginSecondFactor("right")).ok, false);
    }
    page.server.onAuth("/two-factor/enable", (response) => {
      response.end(JSON.stringify({ totpURI, backupCodes: ["one", "two"] }));
    });
    assert.deepEqual(await profile.beginSecondFactor("right"), {
      ok: true,
      factor: { uri: totpURI, secret: "JBSWY3DPEHPK3PXP", backupCodes: ["one", "two"] },
    });
    page.server.onAuth("/two-factor/verify-totp", (response) => {
      page.server.account = { ...ADA, twoFactorEnabled: true };
      response.end("{}");
    });
    assert.deepEqual(await profile.confirmSecondFactor("123456"), { ok: true });
    const { state } = session;
    assert.ok(state.value.kind === "signed-in" && state.value.account.hasSecondFactor);
  });
});

describe("all that is kept of a person", () => {
  const page = rig();
  const file =
    (disposition: string) =>
    (response: ServerResponse): void => {
      response.setHeader("content-disposition", disposition);
      response.end('{"tasks":[]}');
    };

  for (const [disposition, name] of [
    ['attachment; filename="taskchat-2026-11-30.json"', "taskchat-2026-11-30.json"],
    ['attachment; filename="../../a.json"', "taskchat.json"],
    ["attachment", "taskchat.json"],
  ] as const) {
    it(`is a file called ${name}: ${disposition}`, async () => {
      const { profile } = (await page.open()).here();
      page.server.onAuth("/export", file(disposition));
      const exported = await profile.exported();
      assert.ok(exported.ok);
      assert.equal(exported.name, name);
      assert.equal(await exported.file.text(), '{"tasks":[]}');
    });
  }

  it("is not to be had: it is said why", async () => {
    const { profile } = (await page.open()).here();
    page.server.onAuth("/export", refuse(503, { detail: "The tools cannot be reached." }));
    const exported = await profile.exported();
    assert.deepEqual(exported, { ok: false, words: "The tools cannot be reached." });
  });

  it("stays, where the password is wrong", async () => {
    const { session, here } = await page.open();
    const wrong = { message: "Invalid password", code: "INVALID_PASSWORD" };
    page.server.onAuth("/delete-user", refuse(400, wrong));
    const outcome = await here().profile.erase("wrong");
    assert.deepEqual(outcome, { ok: false, words: "Invalid password." });
    assert.equal(session.state.value.kind, "signed-in");
  });

  for (const [state, isErased] of [
    ["running", false],
    ["done", true],
  ] as const) {
    it(`goes, here and in other tabs: ${state}`, async () => {
      const path = `/c/${recording("plain").thread.id}`;
      page.server.on("threads.get_by_id", json(recording("plain").thread));
      const other = await page.open();
      const { session, person, place, window, here, go } = await page.open({ path });
      here().conversation.draft.value = "a secret";
      go("/account");
      page.server.onAuth("/delete-user", (response, body) => {
        assert.deepEqual(JSON.parse(body), { password: "right" });
        page.server.account = null;
        response.end(JSON.stringify({ success: true, erasure: { id: "1", state } }));
      });
      assert.deepEqual(await here().profile.erase("right"), { ok: true });
      assert.deepEqual(session.state.value, { kind: "closed", isErased });
      assert.equal(person.value, null);
      assert.equal(place.value, "talk");
      assert.equal(window.location.pathname, "/");
      assert.equal(window.stored.size, 0);
      await until("the other follows", () => other.session.state.value.kind === "signed-out");
      // A look at the page later does not take the words away.
      const asked = () => page.server.auth.filter((path) => path === "/get-session").length;
      const before = asked();
      window.hide();
      window.see();
      await until("it was asked", () => asked() > before);
      // What was answered is heard after what was asked later.
      await session.askOffers();
      assert.equal(session.state.value.kind, "closed");
      await session.retry();
      assert.deepEqual(session.state.value, { kind: "signed-out", notice: null });
    });
  }
});

describe("the account page", () => {
  const page = rig();

  it("is before a conversation, which goes on behind it and does not move the address", async () => {
    const plain = recording("plain");
    page.server.on("threads.create", (_, response) => {
      response.setHeader("content-type", "text/event-stream");
      response.end(plain.data.map((data) => `data: ${data}\n\n`).join(""));
    });
    const { here, window, go, place } = await page.open();
    go("/account");
    await here().conversation.send("hello");
    assert.equal(here().conversation.threadId.value, plain.thread.id);
    assert.equal(window.location.pathname, "/account");
    assert.equal(place.value, "account");
    page.server.on("tasks.list", clicked("list_tasks", { tasks: [], next_cursor: null }));
    go(`/c/${plain.thread.id}`);
    assert.equal(place.value, "talk");
    const asked = page.server.asked.length;
    // Forth and back by the browser: nothing is read or begun anew.
    window.go("/account");
    window.go(`/c/${plain.thread.id}`);
    assert.equal(here().conversation.threadId.value, plain.thread.id);
    assert.equal(page.server.asked.length, asked);
  });
});
