import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { serviceFor } from "../../test/expectations.ts";
import { PASSWORD, type Person, signUp } from "../../test/service.ts";
import type { ListedSession } from "./own-sessions.ts";

const NEW_PASSWORD = "an entirely different sentence";

describe("sessions", () => {
  const found = serviceFor();

  const post = (path: string, json: unknown, authorization: string) =>
    found.service.fetch(`/api/auth${path}`, { json, headers: { authorization } });
  const signIn = async (email: string, password: string) => {
    const headers = { "user-agent": "another device" };
    const json = { email, password };
    const answer = await found.service.fetch("/api/auth/sign-in/email", { json, headers });
    assert.equal(answer.status, 200);
    return `Bearer ${answer.headers.get("set-auth-token")}`;
  };
  const works = async (authorization: string) =>
    (await found.service.fetch("/api/auth/token", { headers: { authorization } })).status === 200;
  const list = async ({ authorization }: Pick<Person, "authorization">) => {
    const path = "/api/auth/list-sessions";
    const answer = await found.service.fetch(path, { headers: { authorization } });
    assert.equal(answer.status, 200);
    return (await answer.json()) as ListedSession[];
  };

  it("are shown to nobody who is not signed in", async () => {
    assert.equal((await found.service.fetch("/api/auth/list-sessions")).status, 401);
    const answer = await found.service.fetch("/api/auth/revoke-session", { json: { id: "x" } });
    assert.equal(answer.status, 401);
  });

  for (const revokeOtherSessions of [undefined, false, true, "no", null]) {
    it(`of others end with a changed password, revokeOtherSessions: ${revokeOtherSessions}`, async () => {
      const person = await signUp(found.service);
      const thief = await signIn(person.email, PASSWORD);
      const json = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD, revokeOtherSessions };
      const answer = await post("/change-password", json, person.authorization);
      assert.equal(answer.status, 200, await answer.clone().text());
      assert.equal(await works(thief), false);
      const kept = `Bearer ${answer.headers.get("set-auth-token")}`;
      assert.equal(await works(kept), true);
      assert.equal((await list({ authorization: kept })).length, 1);
    });
  }

  it("stay as they are when the password was wrong", async () => {
    const person = await signUp(found.service);
    const other = await signIn(person.email, PASSWORD);
    const json = { currentPassword: "not this one, surely", newPassword: NEW_PASSWORD };
    const answer = await post("/change-password", json, person.authorization);
    assert.equal(answer.status, 400);
    assert.equal(await works(other), true);
    assert.equal(await works(person.authorization), true);
  });

  it("are listed without what would open them, the asking one marked", async () => {
    const person = await signUp(found.service);
    await signIn(person.email, PASSWORD);
    const sessions = await list(person);
    const members = ["createdAt", "current", "id", "ipAddress", "updatedAt", "userAgent"];
    for (const session of sessions) assert.deepEqual(Object.keys(session).sort(), members);
    const marks = sessions.map(({ current, userAgent }) => [current, userAgent]);
    assert.deepEqual(marks.sort().at(0), [false, "another device"]);
    assert.deepEqual(marks.map(([current]) => current).sort(), [false, true]);
  });

  it("of somebody else, and none at all, are not found alike, and go on", async () => {
    const [person, stranger] = [await signUp(found.service), await signUp(found.service)];
    const [theirs] = await list(stranger);
    const texts = [];
    for (const id of [theirs?.id, "00000000-0000-4000-8000-000000000000", "no id", ""]) {
      const answer = await post("/revoke-session", { id }, person.authorization);
      assert.equal(answer.status, 404);
      texts.push(await answer.text());
    }
    assert.equal(new Set(texts).size, 1);
    assert.equal((JSON.parse(texts[0] ?? "") as { code: string }).code, "SESSION_NOT_FOUND");
    assert.equal(await works(stranger.authorization), true);
  });

  it("are not ended by their token any more", async () => {
    const person = await signUp(found.service);
    const [token] = person.authorization.slice("Bearer ".length).split(".");
    const answer = await post("/revoke-session", { token }, person.authorization);
    assert.equal(answer.status, 400);
    assert.equal(await works(person.authorization), true);
  });

  it("end one by one, and not twice", async () => {
    const person = await signUp(found.service);
    const other = await signIn(person.email, PASSWORD);
    const id = (await list(person)).find(({ current }) => !current)?.id;
    assert.equal((await post("/revoke-session", { id }, person.authorization)).status, 200);
    assert.equal(await works(other), false);
    assert.equal(await works(person.authorization), true);
    assert.equal((await post("/revoke-session", { id }, person.authorization)).status, 404);
  });
});
