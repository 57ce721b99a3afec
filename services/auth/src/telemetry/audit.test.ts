import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CLIENT_ADDRESS_HEADER } from "../limits/client-address.ts";
import { audit, type Client, clientOf, createAuditLog, type SecurityEvent } from "./audit.ts";
import { createLog } from "./logs.ts";

const SECRET = "a secret of at least thirty-two characters";

/** The lines that events leave in a log that drops all that it may. */
function written(...events: SecurityEvent[]): Record<string, unknown>[] {
  const lines: string[] = [];
  const log = createAuditLog(
    createLog("ERROR", "auth.audit", (line) => lines.push(line)),
    SECRET,
  );
  for (const event of events) audit(log, event);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

function clientWith(userAgent: string): Client {
  return clientOf(new Headers({ [CLIENT_ADDRESS_HEADER]: "2001:db8::7", "user-agent": userAgent }));
}

describe("security events", () => {
  it("are written whatever the log's level is", () => {
    const [line] = written({ event: "sign_in", outcome: "refused", reason: "rate_limited" });
    assert.equal(line?.message, "security event");
    assert.equal(line?.level, "INFO");
  });

  it("ask to be looked at when a key changes or when we fail", () => {
    const lines = written(
      { event: "signing_key", outcome: "ok" },
      { event: "sign_up", outcome: "failed" },
    );
    assert.deepEqual(
      lines.map((line) => line.level),
      ["WARNING", "WARNING"],
    );
  });

  it("name an address by a hash that is the same for the same address, and by nothing else", () => {
    const address = "Ada.Lovelace@Example.com";
    const [one, two, other] = written(
      { event: "sign_in", outcome: "ok", address },
      { event: "sign_in", outcome: "ok", address: ` ${address.toLowerCase()}` },
      { event: "sign_in", outcome: "ok", address: "ada@example.org" },
    );
    assert.match(String(one?.address_hash), /^[0-9a-f]{32}$/);
    assert.equal(one?.address_hash, two?.address_hash);
    assert.notEqual(one?.address_hash, other?.address_hash);
    assert.equal(/lovelace|example/i.test(JSON.stringify(one)), false);
  });

  it("hash an address under a key: nobody makes the list of all addresses without it", () => {
    const hashOf = (secret: string) => {
      let hash: unknown;
      const log = createAuditLog((_level, _message, fields) => {
        hash = fields?.address_hash;
      }, secret);
      audit(log, { event: "sign_in", outcome: "ok", address: "ada@example.com" });
      return hash;
    };
    assert.notEqual(hashOf(SECRET), hashOf(`${SECRET}!`));
  });

  it("say where a request came from, and never in a client's own words", () => {
    const canary = `canary${"x".repeat(10_000)}`;
    const client = clientWith(`Mozilla/5.0 (${canary}) Chrome/140.0 Safari/537.36 Edg/140.0`);
    const [line] = written({ event: "sign_in", outcome: "ok", client });
    assert.equal(line?.client_address, "2001:db8::7");
    assert.equal(line?.user_agent, "edge");
    assert.equal(JSON.stringify(line).includes("canary"), false);
  });

  it("know the common programs apart", () => {
    const told = (text: string) => clientWith(text).userAgent;
    assert.equal(told("Mozilla/5.0 (X11) Gecko/20100101 Firefox/140.0"), "firefox");
    assert.equal(told("Mozilla/5.0 AppleWebKit/537.36 Chrome/140.0 Safari/537.36"), "chrome");
    assert.equal(told("Mozilla/5.0 Version/19.0 Safari/605.1.15"), "safari");
    assert.equal(told("python-httpx2/2.16"), "script");
    assert.equal(told("node"), "script");
    assert.equal(told("a thing"), "other");
    assert.equal(clientOf(new Headers()).userAgent, "none");
    assert.equal(clientOf(new Headers()).address, null);
  });
});
