import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { query } from "../../test/databases.ts";
import { BACK, mailedService, NEW } from "../../test/mailed-service.ts";
import { ORIGIN, PASSWORD } from "../../test/service.ts";

describe("an account with mail", () => {
  const {
    database,
    mailbox,
    post,
    newAddress,
    signIn,
    open,
    codeIn,
    errorOf,
    works,
    letter,
    confirmed,
    age,
  } = mailedService();

  describe("a forgotten password", () => {
    it("is asked for alike by whoever, and known addresses alone get mail", async () => {
      const { email } = await confirmed();
      const [known, unknown] = await Promise.all(
        [email, "nobody@example.com"].map((to) => post("/request-password-reset", { email: to })),
      );
      assert.equal(known?.status, 200);
      assert.equal(await known?.text(), await unknown?.text());
      const { links } = await letter(email, /Choose a new password/);
      assert.ok(links[0]?.startsWith(`${ORIGIN}/reset-password?token=`));
      assert.deepEqual(await mailbox().letters("nobody@example.com"), []);
    });

    it("is chosen anew once by the link; every session ends, and its owner is told", async () => {
      const { email, authorization } = await confirmed();
      await post("/request-password-reset", { email });
      const token = new URL((await letter(email, /new password/)).links[0] ?? "").searchParams.get(
        "token",
      );
      const reset = () => post("/reset-password", { token, newPassword: NEW });
      assert.equal((await reset()).status, 200);
      assert.equal(await works(authorization), false);
      assert.equal((await signIn(email, NEW)).status, 200);
      const again = await reset();
      assert.equal(again.status, 400);
      assert.equal(await codeIn(again), "INVALID_TOKEN");
      await letter(email, /password has changed/);
    });

    it("is not chosen by a link that is too old", async () => {
      const { email } = await confirmed();
      await post("/request-password-reset", { email });
      const { links } = await letter(email, /new password/);
      const token = new URL(links[0] ?? "").searchParams.get("token");
      await query(
        database().serviceUrl,
        `update auth.verification set "expiresAt" = now() - interval '1 second'
         where identifier = 'reset-password:' || $1`,
        [token],
      );
      const answer = await post("/reset-password", { token, newPassword: NEW });
      assert.equal(answer.status, 400);
      assert.equal((await signIn(email, NEW)).status, 401);
    });
  });

  describe("a change of address", () => {
    it("waits for the new one, tells the old one, and needs the session", async () => {
      const { email, authorization, cookie } = await confirmed();
      const newEmail = newAddress();
      const asked = await post("/change-email", { newEmail, callbackURL: BACK }, authorization);
      assert.equal(asked.status, 200);
      await letter(email, /about to change/);
      assert.equal((await signIn(email, PASSWORD)).status, 200);
      const link = await mailbox().link(newEmail);
      // Whoever reads the new address's mail is not let in by it.
      const stranger = await open(link);
      assert.equal(errorOf(stranger), "SIGN_IN_FIRST");
      assert.equal(stranger.headers.get("set-cookie"), null);
      const other = await confirmed();
      assert.equal(errorOf(await open(link, other.cookie)), "SIGN_IN_FIRST");
      assert.equal((await open(link, cookie)).headers.get("location"), BACK);
      assert.equal((await signIn(newEmail, PASSWORD)).status, 200);
      assert.equal((await signIn(email, PASSWORD)).status, 401);
      await letter(email, /has changed/);
    });

    it("to somebody else's address is noticed alike in one's own mailbox", async () => {
      const other = await confirmed();
      for (const newEmail of [other.email, newAddress()]) {
        const { email, authorization } = await confirmed();
        await post("/change-email", { newEmail }, authorization);
        await letter(email, /about to change/);
      }
    });

    it("to somebody else's address is answered alike, and sends nothing there", async () => {
      const [person, other] = [await confirmed(), await confirmed()];
      const ask = (newEmail: string) => post("/change-email", { newEmail }, person.authorization);
      const [taken, free] = [await ask(other.email), await ask(newAddress())];
      assert.equal(await taken.text(), await free.text());
      const subjects = (await mailbox().letters(other.email)).map(({ subject }) => subject);
      assert.equal(subjects.filter((subject) => /new address/.test(subject)).length, 0);
    });

    it("leads a stranger's link to no foreign page", async () => {
      const { authorization } = await confirmed();
      const newEmail = newAddress();
      await post("/change-email", { newEmail, callbackURL: BACK }, authorization);
      const link = new URL(await mailbox().link(newEmail));
      link.searchParams.set("callbackURL", "https://evil.example/");
      assert.equal((await open(link.href)).status, 403);
    });
  });

  describe("notices", () => {
    it("tell of a changed password, and of nothing when it was refused", async () => {
      const { email, authorization } = await confirmed();
      const change = (currentPassword: string) =>
        post("/change-password", { currentPassword, newPassword: NEW }, authorization);
      assert.equal((await change("not the password")).status, 400);
      assert.equal((await change(PASSWORD)).status, 200);
      await letter(email, /password has changed/);
      const all = (await mailbox().letters(email)).map(({ subject }) => subject);
      assert.equal(all.filter((subject) => /password has changed/.test(subject)).length, 1);
    });

    it("tell of a sign-in by a program that is new, and not of one that is known", async () => {
      const { email } = await confirmed();
      await age(email);
      await signIn(email, PASSWORD);
      await signIn(email, PASSWORD, "a thief's\r\nhttps://evil.example".replace("\r\n", " "));
      const { text } = await letter(email, /new sign-in/);
      assert.match(text, /from the network address 127\.0\.0\.1/);
      assert.doesNotMatch(text, /evil/);
      const all = (await mailbox().letters(email)).map(({ subject }) => subject);
      assert.equal(all.filter((subject) => /new sign-in/.test(subject)).length, 1);
    });
  });
});
