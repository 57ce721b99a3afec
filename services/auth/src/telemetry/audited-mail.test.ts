import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { auditOf, told } from "../../test/audit-lines.ts";
import { migratedDatabase } from "../../test/databases.ts";
import { type Mailbox, startMailbox } from "../../test/mailbox.ts";
import { ORIGIN, PASSWORD, readyService, type Service, until } from "../../test/service.ts";

const NEW_PASSWORD = "an entirely different sentence";
const BACK = `${ORIGIN}/hello`;

describe("the audit of what goes by mail", () => {
  let service: Service;
  let mailbox: Mailbox;
  let people = 0;

  before(async () => {
    mailbox = await startMailbox();
    service = await readyService((await migratedDatabase()).serviceUrl, mailbox.settings);
  });
  after(async () => {
    await service.stop();
    await mailbox.stop();
  });

  const post = (path: string, json: unknown, headers = {}) =>
    service.fetch(`/api/auth${path}`, { json, headers });
  const open = (link: string) => {
    const { pathname, search } = new URL(link);
    return fetch(service.url + pathname + search, { redirect: "manual" });
  };
  const join = async () => {
    people += 1;
    const email = `audited-${people}@example.com`;
    const before = auditOf(service).length;
    await post("/sign-up/email", { email, password: PASSWORD, name: "Ada", callbackURL: BACK });
    await until("the sign-up is audited", async () => auditOf(service).length > before);
    const { user_id } = await told(service, "sign_up", { outcome: "ok" });
    return { email, user_id };
  };

  it("tells what the answer does not: that an address has an account already", async () => {
    const { email } = await join();
    await told(service, "sign_up", { outcome: "ok", reason: undefined });
    await open(await mailbox.link(email));
    const again = { email, password: NEW_PASSWORD, name: "Eve", callbackURL: BACK };
    assert.equal((await post("/sign-up/email", again)).status, 200);
    await told(service, "sign_up", { outcome: "refused", reason: "user_already_exists" });
  });

  it("tells who proved an address, and of a link that is none", async () => {
    const { email, user_id } = await join();
    await post("/sign-in/email", { email, password: PASSWORD });
    await told(service, "sign_in", { outcome: "refused", reason: "email_not_verified" });

    await open(await mailbox.link(email));
    await told(service, "email_verified", { outcome: "ok", user_id });

    await open(`${service.url}/api/auth/verify-email?token=nonsense&callbackURL=${BACK}`);
    await told(service, "email_verified", { outcome: "refused", reason: "invalid_token" });
  });

  it("tells who asked for a new password, and who set it", async () => {
    const { email, user_id } = await join();
    await open(await mailbox.link(email));
    const before = (await mailbox.letters(email)).length;
    await post("/request-password-reset", { email, redirectTo: `${ORIGIN}/reset-password` });
    const asked = await told(service, "password_reset", { outcome: "ok", reason: "requested" });
    assert.equal(typeof asked.address_hash, "string");

    await until("the mail", async () => (await mailbox.letters(email)).length > before);
    const link = new URL(await mailbox.link(email));
    const token = link.searchParams.get("token") ?? link.pathname.split("/").at(-1);
    const reset = await post("/reset-password", { newPassword: NEW_PASSWORD, token });
    assert.equal(reset.status, 200, await reset.clone().text());
    await told(service, "password_reset", { outcome: "ok", reason: undefined, user_id });

    await post("/reset-password", { newPassword: NEW_PASSWORD, token });
    await told(service, "password_reset", { outcome: "refused", reason: "invalid_token" });
    assert.equal(JSON.stringify(auditOf(service)).includes("audited-"), false);
  });
});
