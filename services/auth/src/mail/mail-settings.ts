/** The settings of mail: where it is handed in, and as whom. Both or none. */
import { isIP } from "node:net";
import { z } from "zod";

/** A server that takes mail for others (RFC 6409). */
export interface SmtpServer {
  host: string;
  port: number;
  /** TLS from the first byte (`smtps:`); else by STARTTLS, which is demanded. */
  tlsFromStart: boolean;
  /** Only to this machine is anything sent without TLS. */
  plain: boolean;
  /** null: it wants no password. */
  login: { user: string; password: string } | null;
}

const PORTS = { "smtp:": 587, "smtps:": 465 } as const;

function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** URL keeps the brackets of an IPv6 address, a socket does not take them. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

/** What is wrong with a URL of a mail server, or null; never the URL, which has a password. */
export function smtpUrlProblem(value: string): string | null {
  const url = URL.parse(value);
  if (url === null || !(url.protocol in PORTS)) return "must begin with smtp:// or smtps://";
  if (url.hostname === "") return "must name a host";
  // nodemailer would take options from it, one of which turns off the check of certificates.
  if (url.search !== "" || url.hash !== "" || url.pathname.length > 1) {
    return "must end after host and port";
  }
  if ((url.username === "") !== (url.password === "")) return "must name a user and a password";
  return null;
}

/** The server of a URL that has no problem. */
export function smtpServer(value: string): SmtpServer {
  const url = new URL(value);
  const protocol = url.protocol as keyof typeof PORTS;
  const host = hostOf(url);
  const login = {
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
  return {
    host,
    port: url.port === "" ? PORTS[protocol] : Number(url.port),
    tlsFromStart: protocol === "smtps:",
    plain: protocol === "smtp:" && isThisMachine(host),
    login: url.username === "" ? null : login,
  };
}

/** `taskchat <no-reply@example.com>` or the address alone, without what could begin a new header. */
export function mailFromProblem(value: string): string | null {
  const [, bracketed] = /^[^<>\p{Cc}]*<([^<>]+)>$/u.exec(value) ?? [];
  const address = bracketed ?? value;
  return z.email().safeParse(address).success ? null : "must be an address, or Name <address>";
}

/** A page of this machine: mails hold links that let in whoever reads them. */
export function mailboxUrlProblem(value: string): string | null {
  const url = URL.parse(value);
  const local = url !== null && url.protocol === "http:" && isThisMachine(hostOf(url));
  return local ? null : "must be an http:// URL of this machine; it is for development only";
}
