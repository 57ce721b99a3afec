import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { codeOf } from "../../test/authenticator.ts";
import { BACK, mailedService, NEW } from "../../test/mailed-service.ts";
import { meanwhile } from "../../test/meanwhile.ts";
import { PASSWORD, until } from "../../test/service.ts";

const NEWER = "yet another sentence, a longer one";

/** For a group of tests: a service with mail, and the links that it has sent. */
function mailed() {
  const all = mailedService();
  const { post, mailbox, letter, codeIn, sessionIn } = all;

  /** Ask for a link to choose a password; its token. */
  async function resetToken(email: string): Promise<string> {
    const count = async () => (await mailbox().letters(email)).length;
    const before = await count();
    await post("/request-password-reset", { email });
    await until("a mail", async () => (await count()) > before);
    return new URL(await mailbox().link(email)).searchParams.get("token") ?? "";
  }
  const reset = (token: string, newPassword: string) =>
    post("/reset-password", { token, newPassword });
  const assertDead = async (token: string) => {
    const answer = await reset(token, NEWER);
    assert.equal(answer.status, 400);
    assert.equal(await codeIn(answer), "INVALID_TOKEN");
  };
  const cookieIn = (answer: Response) =>
    answer.headers
      .getSetCookie()
      .map((text) => text.split(";")[0] ?? "")
      .filter((pair) => !pair.endsWith("="))
      .join("; ");
  /** Change the password, and stay signed in. */
  async function change(authorization: string, currentPassword: string, newPassword: string) {
    const answer = await post("/change-password", { currentPassword, newPassword }, authorization);
    assert.equal(answer.status, 200, await answer.clone().text());
    return { authorization: sessionIn(answer), cookie: cookieIn(answer) };
  }
  /** Ask for a link that moves the account. */
  async function moveLink(newEmail: string, authorization: string): Promise<string> {
    await post("/change-email", { newEmail, callbackURL: BACK }, authorization);
    return (await letter(newEmail, /Confirm your new address/)).links[0] ?? "";
  }

  return { ...all, resetToken, reset, assertDead, cookieIn, change, moveLink };
}

describe("a link to choose a password", () => {
  const {
    confirmed,
    newAddress,
    open,
    join,
    signIn,
    letter,
    database,
    resetToken,
    reset,
    assertDead,
    change,
    moveLink,
  } = mailed();

  for (const [what, token] of [
    ["a token that Postgres cannot keep", "\u0000"],
    ["a token that is half a character", "\ud800"],
    ["no token", ""],
  ] as const) {
    it(`is none with ${what}`, () => assertDead(token));
  }

  it("ends with a newer one that was used", async () => {
    const { email } = await confirmed();
    const [older, newer] = [await resetToken(email), await resetToken(email)];
    assert.equal((await reset(newer, NEW)).status, 200);
    await assertDead(older);
  });

  it("ends with a changed password", async () => {
    const { email, authorization } = await confirmed();
    const token = await resetToken(email);
    await change(authorization, PASSWORD, NEW);
    await assertDead(token);
  });

  it("ends when the account has left the address that it was sent to", async () => {
    const { email, authorization, cookie } = await confirmed();
    const token = await resetToken(email);
    const answer = await open(await moveLink(newAddress(), authorization), cookie);
    assert.equal(answer.headers.get("location"), BACK);
    await assertDead(token);
  });

  it("stands against a second sign-up that comes while it is used", async () => {
    const email = newAddress();
    await join(email, PASSWORD);
    const token = await resetToken(email);
    const answer = await meanwhile(
      database().serviceUrl,
      "user",
      () => reset(token, NEW),
      async () => {
        await join(email, "the password of somebody else");
        await letter(email, /Choose a password for taskchat/);
      },
    );
    assert.equal(answer.status, 200, await answer.text());
    assert.equal((await signIn(email, NEW)).status, 200);
  });
});

describe("a link that moves an account", () => {
  const {
    confirmed,
    newAddress,
    join,
    open,
    errorOf,
    signIn,
    resetToken,
    reset,
    change,
    moveLink,
    cookieIn,
  } = mailed();
  const moved = (answer: Response) => answer.headers.get("location") === BACK;

  it("ends with a changed password", async () => {
    const { email, authorization } = await confirmed();
    const link = await moveLink(newAddress(), authorization);
    const { cookie } = await change(authorization, PASSWORD, NEW);
    assert.equal(errorOf(await open(link, cookie)), "INVALID_TOKEN");
    assert.equal((await signIn(email, NEW)).status, 200);
  });

  it("ends with a password that was chosen by mail", async () => {
    const { email, authorization } = await confirmed();
    const link = await moveLink(newAddress(), authorization);
    assert.equal((await reset(await resetToken(email), NEW)).status, 200);
    const cookie = cookieIn(await signIn(email, NEW));
    assert.equal(errorOf(await open(link, cookie)), "INVALID_TOKEN");
  });

  it("counts once, also when the account has moved back", async () => {
    const { email, authorization, cookie } = await confirmed();
    const link = await moveLink(newAddress(), authorization);
    assert.ok(moved(await open(link, cookie)));
    assert.ok(moved(await open(await moveLink(email, authorization), cookie)));
    assert.equal(errorOf(await open(link, cookie)), "INVALID_TOKEN");
    assert.equal((await signIn(email, PASSWORD)).status, 200);
  });

  it("ends with another one that was used", async () => {
    const { authorization, cookie } = await confirmed();
    const [first, second] = [newAddress(), newAddress()];
    const links = [await moveLink(first, authorization), await moveLink(second, authorization)];
    assert.ok(moved(await open(links[1] ?? "", cookie)));
    assert.equal(errorOf(await open(links[0] ?? "", cookie)), "SIGN_IN_FIRST");
    assert.equal((await signIn(first, PASSWORD)).status, 401);
  });

  it("leads to no address that somebody has taken meanwhile", async () => {
    const { email, authorization, cookie } = await confirmed();
    const newEmail = newAddress();
    const link = await moveLink(newEmail, authorization);
    await join(newEmail, PASSWORD);
    assert.equal(errorOf(await open(link, cookie)), "INVALID_TOKEN");
    assert.equal((await signIn(email, PASSWORD)).status, 200);
  });
});

describe("a second factor of an account whose password is changed", () => {
  const { confirmed, post, service, resetToken, reset, change, cookieIn, signIn, sessionIn } =
    mailed();

  /** Somebody with an authenticator, on a device that needs no code any more. */
  async function trusting() {
    const { email, authorization } = await confirmed();
    const enabled = await post("/two-factor/enable", { password: PASSWORD }, authorization);
    const { totpURI } = (await enabled.json()) as { totpURI: string };
    const tried = await post("/two-factor/verify-totp", { code: codeOf(totpURI) }, authorization);
    const half = cookieIn(await signIn(email, PASSWORD));
    const answer = await verify(half, totpURI);
    assert.equal(answer.status, 200, await answer.clone().text());
    const device = cookieIn(answer)
      .split("; ")
      .filter((pair) => pair.includes("trust_device"))
      .join();
    assert.ok(device);
    return { email, authorization: sessionIn(tried), totpURI, device };
  }
  const verify = (cookie: string, totpURI: string) =>
    service().fetch("/api/auth/two-factor/verify-totp", {
      json: { code: codeOf(totpURI), trustDevice: true },
      headers: { cookie },
    });
  const asksFor = async (email: string, password: string, cookie: string) => {
    const json = { email, password };
    const answer = await service().fetch("/api/auth/sign-in/email", { json, headers: { cookie } });
    assert.equal(answer.status, 200, await answer.clone().text());
    return "twoFactorRedirect" in ((await answer.json()) as object);
  };

  it("is asked for on every device, and no sign-in goes on that began before", async () => {
    const { email, authorization, totpURI, device } = await trusting();
    const half = cookieIn(await signIn(email, PASSWORD));
    await change(authorization, PASSWORD, NEW);
    assert.equal((await verify(half, totpURI)).status, 401);
    assert.equal(await asksFor(email, NEW, device), true);
  });

  it("is so too after a reset", async () => {
    const { email, totpURI, device } = await trusting();
    const half = cookieIn(await signIn(email, PASSWORD));
    assert.equal((await reset(await resetToken(email), NEW)).status, 200);
    assert.equal((await verify(half, totpURI)).status, 401);
    assert.equal(await asksFor(email, NEW, device), true);
  });

  it("is another one after it was given up: no device goes without that", async () => {
    const { email, authorization, device } = await trusting();
    // Trusted it is, as long as nothing changes; and again by another cookie from then on.
    const json = { email, password: PASSWORD };
    const letIn = await service().fetch("/api/auth/sign-in/email", {
      json,
      headers: { cookie: device },
    });
    const trusted = cookieIn(letIn);
    assert.ok(letIn.headers.get("set-auth-token"));
    await post("/two-factor/disable", { password: PASSWORD }, authorization);
    const session = sessionIn(await signIn(email, PASSWORD));
    const enabled = await post("/two-factor/enable", { password: PASSWORD }, session);
    const { totpURI } = (await enabled.json()) as { totpURI: string };
    const tried = await post("/two-factor/verify-totp", { code: codeOf(totpURI) }, session);
    assert.equal(tried.status, 200);
    const cookie = trusted
      .split("; ")
      .filter((pair) => pair.includes("trust_device"))
      .join();
    assert.equal(await asksFor(email, PASSWORD, cookie), true);
  });
});
