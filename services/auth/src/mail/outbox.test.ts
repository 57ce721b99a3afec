import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { after, describe, it } from "node:test";
import { startMailbox } from "../../test/mailbox.ts";
import { until } from "../../test/service.ts";
import type { LogFields } from "../telemetry/logs.ts";
import { smtpServer } from "./mail-settings.ts";
import { createOutbox, type Mail, type Sender, smtpSender } from "./outbox.ts";

const MAIL: Mail = { kind: "test", to: "ada@example.com", subject: "Hello", text: "A secret.\n" };
const AT_ONCE = [1, 1];

/** What a failed test would leave open, and with it this process. */
const opened: (() => unknown)[] = [];
after(async () => {
  for (const close of opened) await close();
});

/** An outbox, and what it said. */
function logged(given: Sender | Sender["send"], retryAfterMs = AT_ONCE) {
  const sender = typeof given === "function" ? { send: given, close: () => undefined } : given;
  const lines: { level: string; message: string; fields: LogFields }[] = [];
  const outbox = createOutbox(
    sender,
    (level, message, fields = {}) => lines.push({ level, message, fields }),
    retryAfterMs,
  );
  opened.push(() => outbox.close(0));
  return { outbox, lines };
}

/** A server that says one line to every connection and one to everything it hears. */
async function server(greeting: string, reply: string) {
  let connections = 0;
  const listening = createServer((socket) => {
    connections += 1;
    socket.on("error", () => undefined);
    socket.write(`${greeting}\r\n`);
    socket.on("data", () => socket.write(`${reply}\r\n`));
  }).listen(0, "127.0.0.1");
  await once(listening, "listening");
  const { port } = listening.address() as AddressInfo;
  opened.push(() => listening.close());
  return { url: `smtp://127.0.0.1:${port}`, count: () => connections };
}

describe("an outbox", () => {
  it("gives up a mail that nobody takes after three attempts, and says nothing of it", async () => {
    let attempts = 0;
    const { outbox, lines } = logged(() => {
      attempts += 1;
      return Promise.reject(new Error("ada@example.com is unknown"));
    });
    outbox.put(MAIL);
    await until("it is given up", () => Promise.resolve(lines.length === 1));
    assert.equal(attempts, 3);
    assert.deepEqual(lines, [
      {
        level: "WARNING",
        message: "mail not sent",
        fields: { kind: "test", attempt: 3, error: "Error", error_code: undefined },
      },
    ]);
  });

  it("does not ask again a server that refused for good", async () => {
    const refusing = await server("220 here", "550 no such person: ada@example.com");
    const { outbox, lines } = logged(smtpSender(smtpServer(refusing.url), "a@example.com"));
    outbox.put(MAIL);
    await until("it is given up", () => Promise.resolve(lines.length === 1));
    assert.equal(refusing.count(), 1);
    assert.equal(JSON.stringify(lines).includes("ada@"), false);
  });

  it("holds five hundred mails and drops what comes then, without waiting for anybody", async () => {
    const held = Promise.withResolvers<void>();
    const { outbox, lines } = logged(() => held.promise);
    for (let count = 0; count < 502; count += 1) outbox.put(MAIL);
    assert.equal(lines.length, 0);
    outbox.put(MAIL);
    assert.equal(lines[0]?.fields.error, "OutboxFull");
    held.resolve();
    await outbox.close(5_000);
    assert.equal(lines.filter(({ message }) => message === "mail sent").length, 502);
  });

  it("says at its end what it did not send, and takes nothing more", async () => {
    const { outbox, lines } = logged(() => new Promise(() => undefined));
    for (let count = 0; count < 4; count += 1) outbox.put(MAIL);
    await outbox.close(10);
    outbox.put(MAIL);
    const reasons = lines.map(({ fields }) => fields.error);
    assert.deepEqual(reasons, ["Stopped", "Stopped", "OutboxFull"]);
  });

  it("says nothing without TLS to a server that is not on this machine", async () => {
    const mailbox = await startMailbox();
    opened.push(() => mailbox.stop());
    const elsewhere = { ...smtpServer(mailbox.settings.SMTP_URL ?? ""), plain: false };
    const { outbox, lines } = logged(smtpSender(elsewhere, "a@example.com"), []);
    outbox.put(MAIL);
    await until("it is given up", () => Promise.resolve(lines.length === 1));
    assert.equal(lines[0]?.fields.error_code, "ETLS");
    assert.deepEqual(await mailbox.letters(MAIL.to), []);
  });

  it("reads one address as one, whatever is in it", async () => {
    const mailbox = await startMailbox();
    opened.push(() => mailbox.stop());
    const send = smtpSender(
      smtpServer(mailbox.settings.SMTP_URL ?? ""),
      "taskchat <t@example.com>",
    );
    const { outbox, lines } = logged(send);
    outbox.put({ ...MAIL, to: "ada@example.com, eve@example.com" });
    outbox.put(MAIL);
    await until("both are done", () => Promise.resolve(lines.length === 2));
    assert.deepEqual(await mailbox.letters("eve@example.com"), []);
    const [letter] = await mailbox.letters("ada@example.com");
    assert.equal(letter?.subject, "Hello");
    assert.equal(letter?.text.trim(), "A secret.");
  });
});
