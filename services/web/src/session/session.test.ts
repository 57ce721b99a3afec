import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { describe, it } from "node:test";
import { rig } from "../../test/state/page.ts";
import { recording } from "../../test/state/recording.ts";
import { ADA, json, problem, refuse, token } from "../../test/state/stand-in.ts";
import { until } from "../../test/state/until.ts";

const EVE = { id: "00000000-50c8-444f-985e-c53b7feb8581", name: "Eve", email: "eve@example.com" };
const ADA_HERE = {
  kind: "signed-in",
  account: { userId: ADA.id, name: ADA.name, email: ADA.email, hasSecondFactor: false },
};

describe("who is here", () => {
  const page = rig();

  it("is known from the cookie", async () => {
    const { session, person } = await page.open();
    assert.deepEqual(session.state.value, ADA_HERE);
    assert.equal(person.value?.account.email, ADA.email);
  });

  it("is nobody at first, and comes back to the address they opened", async () => {
    page.server.account = null;
    const path = `/c/${recording("plain").thread.id}`;
    page.server.on("threads.get_by_id", json(recording("plain").thread));
    const { session, person, window } = await page.open({ path });
    assert.deepEqual(session.state.value, { kind: "signed-out", notice: null });
    assert.equal(person.value, null);
    assert.deepEqual(await session.signIn("ada@example.com", "correct horse battery"), {
      ok: true,
      next: "in",
    });
    assert.deepEqual(session.state.value, ADA_HERE);
    assert.equal(window.location.pathname, path);
    await until("it is open", () => person.value?.conversation.items.value.length === 2);
  });

  it("is told why they are not let in", async () => {
    page.server.account = null;
    const { session } = await page.open();
    const words = { message: "Invalid email or password", code: "INVALID_EMAIL_OR_PASSWORD" };
    page.server.onAuth("/sign-in/email", refuse(401, words));
    assert.deepEqual(await session.signIn("ada@example.com", "wrong"), {
      ok: false,
      words: "Invalid email or password.",
    });
    const limited = { code: "rate_limited", detail: "Too many attempts. Try again in 7 s." };
    page.server.onAuth("/sign-up/email", refuse(429, limited, { "retry-after": "7" }));
    assert.deepEqual(await session.signUp("Ada", "ada@example.com", "wrong"), {
      ok: false,
      words: "Too many attempts. Try again in 7 s.",
    });
    assert.equal(session.state.value.kind, "signed-out");
  });

  it("cannot be known while the server is away, and is asked again", async () => {
    page.server.onAuth("/get-session", (response) => response.destroy());
    const { session, window } = await page.open();
    assert.equal(session.state.value.kind, "unreachable");
    page.server.onAuth("/get-session", (response) => {
      response.end(JSON.stringify({ user: ADA }));
    });
    await session.retry();
    assert.deepEqual(session.state.value, ADA_HERE);
    // One who is here stays so, whatever the network does.
    page.server.onAuth("/get-session", refuse(503, { detail: "No database." }));
    window.see();
    await until("it was asked", () => page.server.auth.at(-1) === "/get-session");
    assert.deepEqual(session.state.value, ADA_HERE);
  });
});

describe("signing out", () => {
  const page = rig();

  it("leaves nothing behind", async () => {
    const path = `/c/${recording("plain").thread.id}`;
    page.server.on("threads.get_by_id", json(recording("plain").thread));
    const { session, person, window } = await page.open({ path });
    await until("it is open", () => person.value?.conversation.items.value.length === 2);
    const { conversation } = person.value ?? assert.fail();
    conversation.draft.value = "a secret";
    assert.equal(window.stored.size, 1);
    await session.signOut();
    conversation.draft.value = "a later secret";
    assert.deepEqual(session.state.value, { kind: "signed-out", notice: null });
    assert.equal(person.value, null);
    assert.equal(window.stored.size, 0);
    assert.equal(window.location.pathname, "/");
    const asked = page.server.asked.length;
    window.go(path);
    window.see();
    await until("it was asked who is here", () => page.server.auth.at(-1) === "/get-session");
    assert.equal(page.server.asked.length, asked);
  });

  it("says so when the server could not be told, and tells it again", async () => {
    const { session } = await page.open();
    const { state } = session;
    page.server.onAuth("/sign-out", refuse(503, { detail: "No database." }));
    await session.signOut();
    assert.ok(state.value.kind === "signed-out");
    assert.match(state.value.notice ?? "", /does not know it yet.*No database\./);
    page.server.onAuth("/sign-out", (response) => {
      page.server.account = null;
      response.end("{}");
    });
    await until("it is told", () => page.server.account === null);
    await until("it is said", () => state.value.kind === "signed-out" && !state.value.notice);
  });

  it("lets nobody back in by the session that could not be ended", async () => {
    const one = await page.open();
    page.server.onAuth("/sign-out", (response) => response.destroy());
    await one.session.signOut();
    one.window.hide();
    one.window.see();
    await until("it was tried again", () => page.server.auth.at(-1) === "/sign-out");
    assert.equal(one.session.state.value.kind, "signed-out");
    // Nor over a reload, with the server there again.
    const kept = new Map(one.window.stored);
    one.close();
    page.server.onAuth("/sign-out", (response) => {
      page.server.account = null;
      response.end("{}");
    });
    const other = await page.open({ kept });
    assert.deepEqual(other.session.state.value, { kind: "signed-out", notice: null });
    assert.equal(page.server.account, null);
    assert.equal(other.window.stored.size, 0);
  });

  it("that was not heard yet signs nobody out who has come since", async () => {
    const { session, window } = await page.open();
    page.server.onAuth("/sign-out", (response) => response.destroy());
    await session.signOut();
    assert.equal(session.state.value.kind, "signed-out");
    await session.signIn("ada@example.com", "correct horse battery");
    assert.deepEqual(session.state.value, ADA_HERE);
    const told = page.server.auth.filter((path) => path === "/sign-out").length;
    window.hide();
    window.see();
    await until("it was asked who is here", () => page.server.auth.at(-1) === "/get-session");
    assert.equal(page.server.auth.filter((path) => path === "/sign-out").length, told);
    assert.deepEqual(session.state.value, ADA_HERE);
    assert.equal(window.stored.size, 0);
  });

  it("is not undone by a look at the page before the server has answered", async () => {
    const { session, window } = await page.open();
    const held: ServerResponse[] = [];
    page.server.onAuth("/sign-out", (response) => void held.push(response));
    const gone = session.signOut();
    await until("it was told", () => page.server.auth.at(-1) === "/sign-out");
    window.hide();
    window.see();
    await until("it is told again", () => held.length === 2);
    const seen = session.state.value.kind;
    for (const response of held) response.end("{}");
    await gone;
    assert.equal(seen, "signed-out");
  });

  it("in one tab is that in all", async () => {
    const [one, other] = [await page.open(), await page.open()];
    other.here().conversation.draft.value = "a secret";
    await one.session.signOut();
    await until("the other follows", () => other.session.state.value.kind === "signed-out");
    assert.deepEqual(other.session.state.value, {
      kind: "signed-out",
      notice: "You were signed out in another tab.",
    });
    assert.equal(other.window.stored.size, 0);
    await one.session.signIn("ada@example.com", "correct horse battery");
    await until("the other follows", () => other.session.state.value.kind === "signed-in");
  });

  it("as somebody else in one tab is that in all", async () => {
    const [one, other] = [await page.open(), await page.open()];
    const before = other.here();
    before.conversation.draft.value = "a secret of Ada";
    page.server.onAuth("/sign-in/email", (response) => {
      page.server.account = EVE;
      response.end("{}");
    });
    await one.session.signIn("eve@example.com", "correct horse battery");
    await until("the other follows", () => other.person.value?.account.name === "Eve");
    assert.notEqual(other.here(), before);
    assert.equal(other.here().conversation.draft.value, "");
    assert.equal([...other.window.stored.values()].join().includes("Ada"), false);
  });

  it("elsewhere is seen when the page is, and when the way back brings it back", async () => {
    const { session, window, person } = await page.open();
    page.server.account = null;
    window.hide();
    window.see();
    await until("it is seen", () => session.state.value.kind === "signed-out");
    page.server.account = ADA;
    await session.signIn("ada@example.com", "correct horse battery");
    page.server.account = null;
    window.event("pageshow", { persisted: true });
    // Nothing is shown until the answer is there.
    assert.deepEqual(session.state.value, { kind: "loading" });
    assert.equal(person.value, null);
    await until("it is known", () => session.state.value.kind === "signed-out");
  });

  it("of one whose session has ended says so", async () => {
    const { session, here } = await page.open();
    page.server.on("tasks.list", problem(401, "unauthenticated", "The token was refused."));
    page.server.onAuth("/token", refuse(401, { message: "Unauthorized" }));
    await here().tasks.load();
    assert.deepEqual(session.state.value, {
      kind: "signed-out",
      notice: "You were signed out. Sign in again to go on.",
    });
  });
});

describe("a token", () => {
  const page = rig();

  it("is renewed in the middle of a turn, and never stored", async () => {
    const life = 1;
    let given = 0;
    page.server.onAuth("/token", (response) => {
      given += 1;
      response.end(JSON.stringify({ token: token(life) }));
    });
    const { window } = await page.open();
    await until("it is renewed", () => given >= 3);
    const kept = [...window.stored.values()].join();
    assert.equal(kept.includes("e30."), false);
  });
});
