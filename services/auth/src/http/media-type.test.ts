import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { auditOf, told } from "../../test/audit-lines.ts";
import { query } from "../../test/databases.ts";
import { assertProblem, serviceFor } from "../../test/expectations.ts";
import { ORIGIN, PASSWORD, type Variables } from "../../test/service.ts";
import { isOffered, POST_PATHS } from "./paths.ts";

describe("bodies that are not JSON", () => {
  const found = serviceFor();
  const path = "/api/auth/sign-up/email";
  const json = { email: "typed@example.com", password: PASSWORD, name: "T" };
  const send = (body: RequestInit["body"], headers: Variables, to = path) =>
    fetch(found.service.url + to, {
      method: "POST",
      body,
      headers: { origin: ORIGIN, ...headers },
      duplex: "half",
    } as RequestInit);
  const type = (text: string) => ({ "content-type": text });

  for (const to of POST_PATHS.filter((one) => isOffered(one, { mail: null, parts: null }))) {
    it(`are refused at ${to}`, async () => {
      const form = send(new URLSearchParams(json), {}, `/api/auth${to}`);
      await assertProblem(await form, 415, "unsupported_media_type");
    });
  }

  for (const headers of [
    type("text/plain"),
    type("multipart/form-data; boundary=x"),
    type("application/jsonp"),
    type("application/vnd.api+json"),
    type("application/json, application/json"),
    type("application/json; charset=utf-16"),
    type("application/json; boundary=application/json"),
    { ...type("application/json"), "content-encoding": "gzip" },
  ] as Variables[]) {
    it(`are not read as ${Object.values(headers).join(" in ")}`, async () => {
      await assertProblem(await send(JSON.stringify(json), headers), 415, "unsupported_media_type");
    });
  }

  it("are refused without a type, and in pieces", async () => {
    const bytes = new TextEncoder().encode(JSON.stringify(json));
    await assertProblem(await send(bytes, {}), 415, "unsupported_media_type");
    const pieces = new Blob([bytes]).stream();
    await assertProblem(await send(pieces, type("text/plain")), 415, "unsupported_media_type");
  });

  it("leave no account, and a line that says so", async () => {
    const refused = { outcome: "refused", reason: "invalid_request" };
    await told(found.service, "sign_up", refused);
    assert.deepEqual(
      new Set(auditOf(found.service).map(({ outcome, reason }) => `${outcome} ${reason}`)),
      new Set(["refused invalid_request"]),
    );
    assert.deepEqual(await query(found.database.serviceUrl, "select id from auth.user"), []);
  });

  it("are refused where there is none, and nothing says of what type it would be", async () => {
    const answer = send(null, {}, "/api/auth/sign-out");
    await assertProblem(await answer, 415, "unsupported_media_type");
  });

  it("are none of those that say that they are JSON in UTF-8", async () => {
    const said = type('Application/JSON ; charset="UTF-8"');
    assert.equal((await send(JSON.stringify(json), said)).status, 200);
  });
});
