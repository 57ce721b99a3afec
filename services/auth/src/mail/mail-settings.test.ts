import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readServiceSettings } from "../settings/settings.ts";
import { mailboxUrlProblem, mailFromProblem, smtpServer, smtpUrlProblem } from "./mail-settings.ts";

const right = {
  DATABASE_URL: "postgresql://auth:secret@localhost/taskchat",
  BETTER_AUTH_SECRET: "0123456789abcdef0123456789abcdef",
  BETTER_AUTH_URL: "http://localhost:8001",
  ALLOWED_ORIGINS: "http://localhost:3000",
};

describe("settings of mail", () => {
  for (const url of [
    "smtp.example.com:25",
    "http://smtp.example.com",
    "smtps://",
    "smtps://user@smtp.example.com",
    "smtps://smtp.example.com/?tls.rejectUnauthorized=false",
    "smtp://smtp.example.com?ignoreTLS=true",
    "smtp://smtp.example.com/path",
  ]) {
    it(`refuse SMTP_URL=${url}`, () => {
      assert.ok(smtpUrlProblem(url));
    });
  }

  for (const from of [
    "taskchat",
    "a@example.com\r\nBcc: eve@example.com",
    "x\r\nBcc: eve@example.com <a@example.com>",
    "a@example.com, b@example.com",
    "<>",
  ]) {
    it(`refuse MAIL_FROM=${JSON.stringify(from)}`, () => {
      assert.ok(mailFromProblem(from));
    });
  }

  for (const url of ["https://mail.example.com", "http://mail.example.com", "localhost:8025"]) {
    it(`refuse MAILBOX_URL=${url}, which is not this machine's`, () => {
      assert.ok(mailboxUrlProblem(url));
    });
  }

  for (const [one, other] of [
    [{ SMTP_URL: "smtp://127.0.0.1:25" }, "MAIL_FROM"],
    [{ MAIL_FROM: "a@example.com" }, "SMTP_URL"],
    [{ MAIL_FROM: "a@example.com", SMTP_URL: "" }, "SMTP_URL"],
  ] as const) {
    it(`refuse ${JSON.stringify(one)} without ${other}`, () => {
      const settings = readServiceSettings({ ...right, ...one });
      assert.ok("complaints" in settings);
      assert.match(settings.complaints.join("\n"), new RegExp(`^${other} is `));
      assert.doesNotMatch(settings.complaints.join("\n"), /127\.0\.0\.1|a@example/);
    });
  }

  it("speak without TLS to this machine only", () => {
    const plain = (url: string) => smtpServer(url).plain;
    for (const url of ["smtp://127.0.0.1:25", "smtp://[::1]", "smtp://localhost"]) {
      assert.equal(plain(url), true, url);
    }
    for (const url of [
      "smtp://mail",
      "smtp://10.0.0.1",
      "smtp://127.example.com",
      "smtps://[::1]",
    ]) {
      assert.equal(plain(url), false, url);
    }
  });

  it("have the ports of the standard, and a password of any letters", () => {
    const login = { user: "a@b", password: "p:/?#" };
    assert.deepEqual(smtpServer("smtps://a%40b:p%3A%2F%3F%23@mail.example.com"), {
      host: "mail.example.com",
      port: 465,
      tlsFromStart: true,
      plain: false,
      login,
    });
    assert.equal(smtpServer("smtp://mail.example.com").port, 587);
    assert.equal(smtpServer("smtp://mail.example.com:2525").port, 2525);
  });

  it("are both there or both not", () => {
    const none = readServiceSettings({ ...right, SMTP_URL: "", MAIL_FROM: "" });
    assert.ok(!("complaints" in none) && none.mail === null);
    const more = { SMTP_URL: "smtps://mail.example.com", MAIL_FROM: "taskchat <a@example.com>" };
    const both = readServiceSettings({ ...right, ...more });
    assert.ok(!("complaints" in both) && both.mail?.from === more.MAIL_FROM);
  });
});
