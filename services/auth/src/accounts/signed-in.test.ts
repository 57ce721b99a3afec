import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { query } from "../../test/databases.ts";
import { serviceFor } from "../../test/expectations.ts";
import { PASSWORD, signUp, type Variables } from "../../test/service.ts";

describe("a session before Better Auth has looked at it", () => {
  const found = serviceFor();
  /** Of Ada Lovelace, whom `signUp` makes: refused where it is known that it is she. */
  const change = async (headers: Variables) => {
    const answer = await found.service.fetch("/api/auth/change-password", {
      json: { currentPassword: PASSWORD, newPassword: "Ada-Lovelace-1" },
      headers,
    });
    return [answer.status, ((await answer.json()) as { code: string }).code];
  };
  const signedOut = [401, "UNAUTHORIZED"];
  const known = [400, "PASSWORD_TOO_PERSONAL"];

  it("is nobody's without a good signature: its row is not even read", async () => {
    const { authorization } = await signUp(found.service);
    const [token = ""] = authorization.replace("Bearer ", "").split(".");
    const forged = encodeURIComponent(Buffer.alloc(32).toString("base64"));
    for (const text of [`${token}.y`, `${token}.${forged}`, `${token}.`, token]) {
      assert.deepEqual(await change({ authorization: `Bearer ${text}` }), signedOut, text);
      const cookie = `better-auth.session_token=${text}`;
      assert.deepEqual(await change({ cookie }), signedOut, text);
    }
  });

  it("is nobody's once it is over", async () => {
    const { authorization, userId } = await signUp(found.service);
    const end = `update auth.session set "expiresAt" = now() where "userId" = $1`;
    await query(found.database.serviceUrl, end, [userId]);
    assert.deepEqual(await change({ authorization }), signedOut);
  });

  it("is its owner's, as a bearer and in a cookie", async () => {
    const { authorization } = await signUp(found.service);
    assert.deepEqual(await change({ authorization }), known);
    const cookie = authorization.replace("Bearer ", "better-auth.session_token=");
    assert.deepEqual(await change({ cookie }), known);
  });
});
