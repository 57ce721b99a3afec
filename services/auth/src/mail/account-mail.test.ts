import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assertProblem, serviceFor } from "../../test/expectations.ts";
import { BACK, mailedService, NEW, THIEFS } from "../../test/mailed-service.ts";
import { PASSWORD, readyService, until } from "../../test/service.ts";

const NEED_MAIL = [
  ["POST", "/request-password-reset"],
  ["POST", "/reset-password"],
  ["POST", "/send-verification-email"],
  ["POST", "/change-email"],
  ["GET", "/verify-email"],
] as const;

describe("without mail", () => {
  const found = serviceFor();

  for (const [method, path] of NEED_MAIL) {
    it(`there is no ${path}, and the start says so`, async () => {
      const answer = await found.service.fetch(`/api/auth${path}?token=x`, { method });
      await assertProblem(answer, 404, "not_found");
      const warnings = found.service.output().match(/"level":"WARNING".*"message":"no mail: /g);
      assert.equal(warnings?.length, 1);
    });
  }
});

describe("with mail", () => {
  const {
    service,
    database,
    mailbox,
    post,
    newAddress,
    join,
    signIn,
    open,
    codeIn,
    errorOf,
    sessionIn,
    works,
    letter,
    confirmed,
  } = mailedService();

  it("a page is told so, and where mails can be read", async () => {
    const options = (await (await service().fetch("/api/auth/options")).json()) as object;
    assert.deepEqual(options, {
      mail: true,
      secondFactor: true,
      erasure: false,
      mailboxUrl: mailbox().settings.MAILBOX_URL,
    });
  });

  describe("a sign-up", () => {
    it("gives no session, and none to a sign-in before the address is confirmed", async () => {
      const email = newAddress();
      const answer = await join(email, PASSWORD);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get("set-auth-token"), null);
      assert.equal(answer.headers.get("set-cookie"), null);
      const refused = await signIn(email, PASSWORD);
      assert.equal(refused.status, 403);
      assert.equal(await codeIn(refused), "EMAIL_NOT_VERIFIED");
    });

    it("is answered alike for an unknown, an unconfirmed and a confirmed address", async () => {
      const { email } = await confirmed();
      const unconfirmed = newAddress();
      await join(unconfirmed, PASSWORD);
      const shapes = [];
      for (const known of [newAddress(), unconfirmed, email, email.toUpperCase()]) {
        const answer = await join(known, PASSWORD);
        const body = (await answer.json()) as { token: null; user: Record<string, unknown> };
        const { id, createdAt, updatedAt, email: address, ...user } = body.user;
        assert.equal(address, known.toLowerCase());
        assert.match(String(id), /^[0-9a-f-]{36}$/);
        assert.ok(createdAt && updatedAt);
        const headers = [...answer.headers.keys()].sort().join();
        shapes.push(JSON.stringify([answer.status, headers, Object.keys(body.user).sort(), user]));
      }
      assert.equal(new Set(shapes).size, 1, shapes.join("\n"));
      const { text } = await letter(email, /have a taskchat account already/);
      assert.match(text, /Nothing has changed/);
    });

    it("is answered alike when others come at once, and each is followed", async () => {
      const { email: known } = await confirmed();
      const unknown = newAddress();
      for (const email of [known, unknown]) {
        const answers = await Promise.all([1, 2, 3, 4].map(() => join(email, PASSWORD)));
        assert.deepEqual(
          answers.map(({ status }) => status),
          [200, 200, 200, 200],
        );
        const shapes = await Promise.all(
          answers.map(async (answer) => {
            const { token, user } = (await answer.json()) as { token: null; user: object };
            return JSON.stringify([
              [...answer.headers.keys()].sort(),
              token,
              { ...user, id: "", createdAt: "", updatedAt: "" },
            ]);
          }),
        );
        assert.equal(new Set(shapes).size, 1, shapes.join("\n"));
      }
      await until("each is followed", async () => {
        const mails = await mailbox().letters(unknown);
        return mails.filter(({ subject }) => /^Confirm/.test(subject)).length === 4;
      });
    });

    it("is confirmed by the link of its mail, which leads back to the page, once", async () => {
      const email = newAddress();
      await join(email, PASSWORD);
      const link = await mailbox().link(email);
      assert.equal(new URL(link).pathname, "/api/auth/verify-email");
      const answer = await open(link);
      assert.equal(answer.status, 302);
      assert.equal(answer.headers.get("location"), BACK);
      assert.equal(answer.headers.get("set-auth-token"), null);
      assert.equal((await signIn(email, PASSWORD)).status, 200);
      assert.equal((await open(link)).headers.get("location"), BACK);
    });

    for (const [what, spoil] of [
      ["no token", () => "none"],
      ["a forged token", (token: string) => `${token.slice(0, -4)}AAAA`],
    ] as const) {
      it(`is not confirmed by ${what}`, async () => {
        const email = newAddress();
        await join(email, PASSWORD);
        const link = new URL(await mailbox().link(email));
        link.searchParams.set("token", spoil(link.searchParams.get("token") ?? ""));
        assert.equal(errorOf(await open(link.href)), "INVALID_TOKEN");
        assert.equal((await signIn(email, PASSWORD)).status, 403);
      });
    }

    it("leads back to no other page", async () => {
      const answer = await join(newAddress(), PASSWORD, { callbackURL: "https://evil.example/" });
      assert.equal(answer.status, 403);
      const email = newAddress();
      await join(email, PASSWORD);
      const link = new URL(await mailbox().link(email));
      link.searchParams.set("callbackURL", "https://evil.example/");
      assert.equal((await open(link.href)).status, 403);
    });

    it("tells nobody by a mail what its name is", async () => {
      const email = newAddress();
      await join(email, PASSWORD, { name: "Win at https://evil.example" });
      const { text } = await letter(email, /Confirm your address/);
      assert.doesNotMatch(text, /evil/);
    });
  });

  describe("an address that a stranger signed up with", () => {
    it("is its owner's after a second sign-up: no password counts until one is chosen", async () => {
      const email = newAddress();
      await join(email, THIEFS);
      const strangers = await mailbox().link(email);
      await join(email, PASSWORD);
      const { links } = await letter(email, /Choose a password/);
      // The older mail, opened by mistake, confirms nothing.
      assert.equal(errorOf(await open(strangers)), "INVALID_TOKEN");
      const token = new URL(links[0] ?? "").searchParams.get("token");
      const reset = await post("/reset-password", { token, newPassword: NEW });
      assert.equal(reset.status, 200, await reset.text());
      assert.equal((await signIn(email, THIEFS)).status, 401);
      assert.equal((await signIn(email, PASSWORD)).status, 401);
      assert.equal((await signIn(email, NEW)).status, 200);
    });

    it("stays its owner's when the stranger signs up once more", async () => {
      const email = newAddress();
      await join(email, THIEFS);
      await join(email, PASSWORD);
      const { links } = await letter(email, /Choose a password/);
      await join(email, THIEFS);
      const token = new URL(links[0] ?? "").searchParams.get("token");
      assert.equal((await post("/reset-password", { token, newPassword: NEW })).status, 200);
      assert.equal((await signIn(email, THIEFS)).status, 401);
      assert.equal((await signIn(email, NEW)).status, 200);
    });

    it("is not confirmed for the stranger by a mail that is sent again", async () => {
      const email = newAddress();
      await join(email, THIEFS);
      await join(email, PASSWORD);
      await letter(email, /Choose a password/);
      await post("/send-verification-email", { email, callbackURL: BACK });
      await until("a second one", async () => {
        const mails = await mailbox().letters(email);
        return mails.filter(({ subject }) => /Choose a password/.test(subject)).length === 2;
      });
    });

    it("is its owner's after a reset, with every older session over", async () => {
      // As it was made before there was mail: a session at once, and nothing confirmed.
      const before = await readyService(database().serviceUrl);
      const email = newAddress();
      const json = { email, password: THIEFS, name: "A" };
      const made = await before.fetch("/api/auth/sign-up/email", { json });
      await before.stop();
      assert.equal(await works(sessionIn(made)), true);
      await post("/request-password-reset", { email, redirectTo: BACK });
      const token = new URL(await mailbox().link(email)).searchParams.get("token");
      assert.equal((await post("/reset-password", { token, newPassword: NEW })).status, 200);
      assert.equal(await works(sessionIn(made)), false);
      assert.equal((await signIn(email, THIEFS)).status, 401);
      assert.equal((await signIn(email, NEW)).status, 200);
    });

    it("is no different for one who signs up twice with one password", async () => {
      const email = newAddress();
      await join(email, PASSWORD);
      const first = await mailbox().link(email);
      await join(email, PASSWORD);
      await until("a second mail", async () => (await mailbox().letters(email)).length === 2);
      for (const { subject } of await mailbox().letters(email)) assert.match(subject, /^Confirm/);
      assert.equal((await open(first)).headers.get("location"), BACK);
      assert.equal((await signIn(email, PASSWORD)).status, 200);
    });
  });

  it("leaves no address, link, token or password in the logs", () => {
    const output = service().output();
    assert.match(output, /"message":"mail sent","service":"auth",.*"kind":"confirm_address"/);
    for (const secret of ["@example.com", "token=", THIEFS, PASSWORD, NEW, "evil.example"]) {
      const line = output.split("\n").find((text) => text.includes(secret));
      assert.equal(line, undefined);
    }
  });
});
