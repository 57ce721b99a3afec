import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { migratedDatabase, query, type TestDatabase } from "../../test/databases.ts";
import { type Mailbox, startMailbox } from "../../test/mailbox.ts";
import { ORIGIN, PASSWORD, readyService, type Service, until } from "../../test/service.ts";

const STRANGERS = "the password of a stranger";
const NEW = "an entirely different sentence";
const HOME = "192.0.2.1";

describe("mails to one mailbox", () => {
  let service: Service;
  let database: TestDatabase;
  let mailbox: Mailbox;
  let places = 0;
  let people = 0;

  before(async () => {
    mailbox = await startMailbox();
    database = await migratedDatabase();
    service = await readyService(database.serviceUrl, {
      ...mailbox.settings,
      RATE_LIMIT_ENABLED: "true",
      CLIENT_IP_HEADER: "X-Real-IP",
    });
  });
  after(async () => {
    await service.stop();
    await mailbox.stop();
  });

  /** Of an address from which nothing has come yet. */
  const anywhere = () => {
    places += 1;
    return `198.51.${Math.floor(places / 250)}.${places % 250}`;
  };
  const newAddress = () => {
    people += 1;
    return `limited-${people}@example.com`;
  };
  const post = (path: string, json: unknown, place = anywhere(), authorization = "") =>
    service.fetch(`/api/auth${path}`, { json, headers: { "x-real-ip": place, authorization } });
  const signUp = (email: string, password = PASSWORD) =>
    post("/sign-up/email", { email, password, name: "Ada", callbackURL: ORIGIN });
  const signIn = (email: string, password: string, place?: string) =>
    post("/sign-in/email", { email, password }, place);
  const reset = (email: string, place?: string) =>
    post("/request-password-reset", { email, redirectTo: ORIGIN }, place);
  const change = (authorization: string, newEmail: string) =>
    post("/change-email", { newEmail, callbackURL: ORIGIN }, anywhere(), authorization);
  /** The answers to so many, one after the other: which of them is refused is then no chance. */
  const statuses = async (count: number, ask: (index: number) => Promise<Response>) => {
    const all: number[] = [];
    for (let index = 0; index < count; index += 1) all.push((await ask(index)).status);
    return all;
  };
  const session = async (email: string, place?: string) => {
    const answer = await signIn(email, PASSWORD, place);
    assert.equal(answer.status, 200);
    return `Bearer ${answer.headers.get("set-auth-token")}`;
  };
  /** Somebody who has confirmed their address, and signed in at home. */
  const confirmed = async () => {
    const email = newAddress();
    assert.equal((await signUp(email)).status, 200);
    const { pathname, search } = new URL(await mailbox.link(email));
    await fetch(service.url + pathname + search, { redirect: "manual" });
    return { email, authorization: await session(email, HOME) };
  };
  const sentTo = async (email: string, subject: RegExp) =>
    (await mailbox.letters(email)).filter((letter) => subject.test(letter.subject)).length;

  it("are five an hour of each kind", async () => {
    const email = newAddress();
    for (const ask of [
      () => signUp(email, STRANGERS),
      () => post("/send-verification-email", { email, callbackURL: ORIGIN }),
      () => reset(email),
    ]) {
      assert.deepEqual(await statuses(6, ask), [200, 200, 200, 200, 200, 429]);
    }
  });

  it("that strangers sign up with leave its owner the way to a new password", async () => {
    const { email } = await confirmed();
    const signUps = await statuses(5, () => signUp(email, STRANGERS));
    assert.deepEqual(signUps.slice(0, 4), [200, 200, 200, 200]);
    assert.equal(signUps[4], 429, "the sign-up of the owner is the first of five");
    assert.equal((await reset(email)).status, 200);
    await until("the mail", async () => (await sentTo(email, /password/i)) > 0);
  });

  it("are counted where it is the new address of an account, whoever's", async () => {
    const [one, two] = [await confirmed(), await confirmed()];
    const victim = newAddress();
    const asked = (index: number) => change((index % 2 ? one : two).authorization, victim);
    assert.deepEqual(await statuses(6, asked), [200, 200, 200, 200, 200, 429]);
    await until("five mails", async () => (await sentTo(victim, /./)) === 5);
    // Nor has the sixth used up anything of who asked.
    assert.equal((await change(one.authorization, newAddress())).status, 200);
  });

  it("are counted where it is the address that is left, over all sessions", async () => {
    const { email, authorization } = await confirmed();
    const sessions = [authorization, await session(email), await session(email)];
    const asked = (index: number) => change(sessions[index % 3] ?? "", newAddress());
    assert.deepEqual(await statuses(6, asked), [200, 200, 200, 200, 200, 429]);
  });

  it("are counted however its address is spelt", async () => {
    const spelt = (index: number) => signUp(`${index % 2 ? "One" : "one"}+${index}@example.com`);
    assert.deepEqual(await statuses(6, spelt), [200, 200, 200, 200, 200, 429]);
  });

  it("are not counted where none was sent", async () => {
    const email = newAddress();
    const refused = await statuses(7, (index) =>
      index % 2
        ? signUp(email, "password1234")
        : post("/sign-up/email", { email, password: PASSWORD, name: 1 }),
    );
    assert.deepEqual(new Set(refused), new Set([400]));
    assert.equal((await signUp(email)).status, 200);
  });

  it("leave nothing in the database that nobody's session asks for", async () => {
    const count = "select count(*) from auth.limited_rate";
    const before = await query(database.serviceUrl, count);
    const forged = "Bearer dG9rZW4.c2lnbmF0dXJl";
    const refused = await statuses(4, (index) => change(index % 2 ? forged : "", newAddress()));
    assert.deepEqual(refused, [401, 401, 401, 401]);
    assert.deepEqual(await query(database.serviceUrl, count), before);
  });

  it("can be asked for at home, however many strangers ask for", async () => {
    const { email } = await confirmed();
    assert.equal((await statuses(6, () => reset(email))).at(-1), 429);
    assert.deepEqual(await statuses(6, () => reset(email, HOME)), [200, 200, 200, 200, 200, 429]);
  });

  it("let in whom strangers' guesses keep out, wherever they are", async () => {
    const { email } = await confirmed();
    const place = anywhere();
    const guessed = `update auth.guess set tries = 40, until = now() + interval '1 hour'`;
    await statuses(6, () => signIn(email, STRANGERS));
    await query(database.serviceUrl, guessed);
    assert.equal((await signIn(email, PASSWORD, place)).status, 429);

    await reset(email);
    await until("the mail", async () => (await sentTo(email, /password/i)) > 0);
    const token = new URL(await mailbox.link(email)).searchParams.get("token");
    const chosen = await post("/reset-password", { newPassword: NEW, token }, place);
    assert.equal(chosen.status, 200, await chosen.clone().text());
    assert.equal((await signIn(email, NEW, place)).status, 200);
  });
});
