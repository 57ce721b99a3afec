/**
 * Mail on its way out: handed in here at once, sent when the server takes it.
 *
 * No request waits for it, so that its time does not tell whether an address is known. It is kept
 * by this process alone: what is lost with it is asked for again by the person it was for.
 */
import { createTransport } from "nodemailer";
import { errorFields, type Log } from "../telemetry/logs.ts";
import type { SmtpServer } from "./mail-settings.ts";

export interface Mail {
  /** Which mail it is, for the log: a word of ours, no contents. */
  kind: string;
  to: string;
  subject: string;
  /** Plain text. */
  text: string;
}

export interface Outbox {
  /** Take a mail; more than wait already are dropped, and the log says so. */
  put(mail: Mail): void;
  /** Let what waits be sent, for so long at most; then nothing more is. */
  close(limitMs: number): Promise<void>;
}

export interface Sender {
  /** Hand one mail to the server. */
  send(mail: Mail): Promise<void>;
  /** Let the connections go. */
  close(): void;
}

/** Some minutes of a server that is away, at the pace of sign-ups that the limits allow. */
const MOST_WAITING = 500;
const AT_ONCE = 2;
/** Pauses before the second and the third attempt; then the mail is given up. */
const RETRY_AFTER_MS: readonly number[] = [1_000, 10_000];
const CONNECT_LIMIT_MS = 10_000;
const ANSWER_LIMIT_MS = 20_000;

/** The way to a server: few connections that are used again. */
export function smtpSender(server: SmtpServer, from: string): Sender {
  const transport = createTransport({
    pool: true,
    maxConnections: AT_ONCE,
    host: server.host,
    port: server.port,
    secure: server.tlsFromStart,
    // TLS, and a certificate of that name, or nothing is said; never "if it happens to be offered".
    requireTLS: !server.plain,
    ignoreTLS: server.plain,
    tls: { rejectUnauthorized: true, minVersion: "TLSv1.2" },
    ...(server.login && { auth: { user: server.login.user, pass: server.login.password } }),
    connectionTimeout: CONNECT_LIMIT_MS,
    greetingTimeout: CONNECT_LIMIT_MS,
    socketTimeout: ANSWER_LIMIT_MS,
    // Nothing of ours is attached; nothing that somebody slipped in shall be.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    send: async ({ to, subject, text }) => {
      // An object, so that an address is never read as a list of several.
      await transport.sendMail({ from, to: { name: "", address: to }, subject, text });
    },
    close: () => transport.close(),
  };
}

/** An outbox over a way to send. */
export function createOutbox(sender: Sender, log: Log, retryAfterMs = RETRY_AFTER_MS): Outbox {
  const waiting: Mail[] = [];
  const atWork = new Set<Promise<void>>();
  const closing = new AbortController();

  function startWork(): void {
    while (atWork.size < AT_ONCE && waiting.length > 0 && !closing.signal.aborted) {
      const mail = waiting.shift() as Mail;
      const work = deliver(mail).finally(() => {
        atWork.delete(work);
        startWork();
      });
      atWork.add(work);
    }
  }

  async function deliver(mail: Mail): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await sender.send(mail);
        log("INFO", "mail sent", { kind: mail.kind, attempt });
        return;
      } catch (error) {
        const pauseMs = refusedForGood(error) ? undefined : retryAfterMs[attempt - 1];
        if (pauseMs === undefined || closing.signal.aborted) {
          log("WARNING", "mail not sent", { kind: mail.kind, attempt, ...errorFields(error) });
          return;
        }
        await pause(pauseMs, closing.signal);
      }
    }
  }

  return {
    put: (mail) => {
      if (waiting.length >= MOST_WAITING || closing.signal.aborted) {
        log("WARNING", "mail not sent", { kind: mail.kind, attempt: 0, error: "OutboxFull" });
        return;
      }
      waiting.push(mail);
      startWork();
    },
    close: async (limitMs) => {
      const emptied = async () => {
        while (atWork.size > 0) await Promise.all(atWork);
      };
      await Promise.race([emptied(), pause(limitMs, closing.signal)]);
      closing.abort();
      for (const { kind } of waiting.splice(0)) {
        log("WARNING", "mail not sent", { kind, attempt: 0, error: "Stopped" });
      }
      sender.close();
    },
  };
}

/** Whether a server said no in words that mean "do not try again" (RFC 5321 section 4.2.1: 5yz). */
function refusedForGood(error: unknown): boolean {
  const status = error instanceof Error && "responseCode" in error ? error.responseCode : undefined;
  return typeof status === "number" && status >= 500;
}

/** Wait, or until the signal; a timer that keeps no process alive. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
