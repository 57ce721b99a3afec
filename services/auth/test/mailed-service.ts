/** A service with mail, its mailbox, and what people of it do. */

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { migratedDatabase, query, type TestDatabase } from "./databases.ts";
import { type Mailbox, startMailbox } from "./mailbox.ts";
import { ORIGIN, PASSWORD, readyService, type Service, until } from "./service.ts";

export const THIEFS = "the password of a stranger";
export const NEW = "an entirely different sentence";
export const BACK = `${ORIGIN}/hello`;

/** For a group of tests. */
export function mailedService() {
  let service: Service;
  let database: TestDatabase;
  let mailbox: Mailbox;
  let people = 0;

  before(async () => {
    mailbox = await startMailbox();
    database = await migratedDatabase();
    service = await readyService(database.serviceUrl, mailbox.settings);
  });
  after(async () => {
    await service.stop();
    await mailbox.stop();
  });

  const post = (path: string, json: unknown, authorization?: string, agent = "browser") =>
    service.fetch(`/api/auth${path}`, {
      json,
      headers: { "user-agent": agent, ...(authorization && { authorization }) },
    });
  const newAddress = () => {
    people += 1;
    return `mail-${people}@example.com`;
  };
  const join = (email: string, password: string, more: object = {}) =>
    post("/sign-up/email", { email, password, name: "Ada", callbackURL: BACK, ...more });
  const signIn = (email: string, password: string, agent?: string) =>
    post("/sign-in/email", { email, password }, undefined, agent);
  const open = (link: string, cookie = "") => {
    const { pathname, search } = new URL(link);
    // A click in a mail program: no Origin.
    return fetch(service.url + pathname + search, {
      redirect: "manual",
      headers: { cookie },
    });
  };
  const codeIn = async (answer: Response) => ((await answer.json()) as { code: string }).code;
  const errorOf = (answer: Response) =>
    new URL(answer.headers.get("location") ?? "none:").searchParams.get("error");
  const sessionIn = (answer: Response) => `Bearer ${answer.headers.get("set-auth-token")}`;
  const works = async (authorization: string) =>
    (await service.fetch("/api/auth/token", { headers: { authorization } })).status === 200;
  const letter = async (to: string, subject: RegExp) => {
    let found: Awaited<ReturnType<typeof mailbox.letters>>[number] | undefined;
    await until(`a mail to ${to}: ${subject}`, async () => {
      found = (await mailbox.letters(to)).find((mail) => subject.test(mail.subject));
      return found !== undefined;
    });
    return found as NonNullable<typeof found>;
  };
  /** Somebody whose address is confirmed, signed in. */
  async function confirmed(email = newAddress()) {
    await join(email, PASSWORD);
    await open(await mailbox.link(email));
    const answer = await signIn(email, PASSWORD);
    assert.equal(answer.status, 200);
    const [cookie = ""] = answer.headers.getSetCookie().map((text) => text.split(";")[0]);
    return { email, authorization: sessionIn(answer), cookie };
  }
  const age = (email: string) =>
    query(
      database.serviceUrl,
      `update auth."user" set "createdAt" = now() - interval '1 day' where email = $1`,
      [email],
    );

  return {
    service: () => service,
    database: () => database,
    mailbox: () => mailbox,
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
    age,
  };
}
