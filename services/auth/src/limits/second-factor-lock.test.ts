import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { query } from "../../test/databases.ts";
import { assertProblem, serviceFor } from "../../test/expectations.ts";
import { PASSWORD, signUp, type Variables } from "../../test/service.ts";

for (const RATE_LIMIT_ENABLED of ["true", "false"]) {
  describe(`a locked second factor, limits: ${RATE_LIMIT_ENABLED}`, () => {
    const found = serviceFor({ RATE_LIMIT_ENABLED });
    const post = (path: string, json: unknown, headers: Variables = {}) =>
      found.service.fetch(`/api/auth${path}`, { json, headers });

    /** Somebody whose second factor is locked for so long, and the cookie after the password. */
    async function locked(seconds: number): Promise<Variables> {
      const { authorization, email, userId } = await signUp(found.service);
      const enabled = await post("/two-factor/enable", { password: PASSWORD }, { authorization });
      assert.equal(enabled.status, 200);
      // As eleven requests would leave it: second-factor.test.ts makes them.
      for (const statement of [
        `update auth."user" set "twoFactorEnabled" = true where id = $1`,
        `update auth."twoFactor" set verified = true where "userId" = $1`,
      ]) {
        await query(found.database.serviceUrl, statement, [userId]);
      }
      await query(
        found.database.serviceUrl,
        `update auth."twoFactor" set "lockedUntil" = now() + $2 * interval '1 second'
         where "userId" = $1`,
        [userId, seconds],
      );
      const answer = await post("/sign-in/email", { email, password: PASSWORD });
      assert.equal(answer.status, 200);
      const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? "");
      return { cookie: cookies.filter((pair) => !pair.endsWith("=")).join("; ") };
    }

    it("says how long it is, to both kinds of codes", async () => {
      const half = await locked(600);
      for (const path of ["/two-factor/verify-totp", "/two-factor/verify-backup-code"]) {
        const answer = await post(path, { code: "000000" }, half);
        const { detail } = await assertProblem(answer, 429, "rate_limited");
        const seconds = Number(answer.headers.get("retry-after"));
        assert.ok(seconds > 540 && seconds <= 600, String(seconds));
        assert.equal(detail, "Too many attempts. Try again in 10 minutes.");
      }
    });

    it("is open when the time is over", async () => {
      const answer = await post("/two-factor/verify-totp", { code: "000000" }, await locked(-1));
      assert.equal(answer.status, 401, await answer.text());
    });
  });
}
