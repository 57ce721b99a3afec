import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { serviceFor } from "../../test/expectations.ts";
import { PASSWORD, signUp } from "../../test/service.ts";

/** What would be shown to others as something else than it is. */
const UNFIT_NAMES = [
  "",
  "   ",
  "a\u0000b",
  "a\nb",
  "\u001b[2J\u001b]0;pwn\u0007",
  "a\u0085b",
  "a\u2028b",
  "ada\u202Egpj.exe",
  "\u2066ada",
  "ada\u200F",
  "\u200B",
  "\u3164\u2800",
  "ada\u{E0061}\u{E0062}",
  "x".repeat(201),
];
const UNFIT_IMAGES = [
  "",
  "javascript:alert(1)",
  "data:image/png;base64,AAAA",
  "http://169.254.169.254/latest/meta-data",
  "https://user:secret@example.com/a.png",
  "//example.com/a.png",
  "https://example.com/\na.png",
  `https://example.com/${"x".repeat(2048)}`,
];

describe("profiles", () => {
  const found = serviceFor();
  let people = 0;
  const join = (more: object) => {
    people += 1;
    const json = { email: `p${people}@example.com`, password: PASSWORD, name: "Ada", ...more };
    return found.service.fetch("/api/auth/sign-up/email", { json });
  };
  const assertRefused = async (answer: Response, code: string) => {
    assert.equal(answer.status, 422);
    const body = (await answer.json()) as { code: string; message: string };
    assert.equal(body.code, code);
    assert.match(body.message, /^(A name|Enter a name|The address of a picture) ?.*\.$/);
  };

  for (const name of UNFIT_NAMES) {
    it(`are not called ${JSON.stringify(name).slice(0, 30)}`, async () => {
      await assertRefused(await join({ name }), "INVALID_NAME");
      const { authorization } = await signUp(found.service);
      const init = { json: { name }, headers: { authorization } };
      await assertRefused(await found.service.fetch("/api/auth/update-user", init), "INVALID_NAME");
    });
  }

  for (const image of UNFIT_IMAGES) {
    it(`have no picture at ${JSON.stringify(image).slice(0, 50)}`, async () => {
      await assertRefused(await join({ image }), "INVALID_IMAGE");
      const { authorization } = await signUp(found.service);
      const init = { json: { image }, headers: { authorization } };
      await assertRefused(
        await found.service.fetch("/api/auth/update-user", init),
        "INVALID_IMAGE",
      );
    });
  }

  for (const name of [
    "Ada",
    "Zoë O’Neill-Łukasz",
    "محمد",
    "山田太郎",
    "👩‍💻 Grace",
    "Mary 🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "x".repeat(200),
  ]) {
    it(`are called ${name.slice(0, 20)}`, async () => {
      assert.equal((await join({ name })).status, 200);
    });
  }

  it("change one thing at a time, and take a picture away", async () => {
    const { authorization } = await signUp(found.service);
    const image = "https://example.com/ada.png";
    for (const json of [{ image }, { name: "Countess" }, { image: null }]) {
      const init = { json, headers: { authorization } };
      assert.equal((await found.service.fetch("/api/auth/update-user", init)).status, 200);
    }
    const answer = await found.service.fetch("/api/auth/get-session", {
      headers: { authorization },
    });
    const { user } = (await answer.json()) as { user: { name: string; image: string | null } };
    assert.deepEqual([user.name, user.image], ["Countess", null]);
  });
});
