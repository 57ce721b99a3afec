import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { query } from "../../test/databases.ts";
import { serviceFor } from "../../test/expectations.ts";
import { PASSWORD, signUp } from "../../test/service.ts";
import { isOld, verifyPassword } from "./password-hash.ts";
import { passwordProblem } from "./password-rules.ts";

const ADA = { email: "ada.lovelace@analytical.example", name: "Ada Lovelace" };
const COMMON = [
  "aaaaaaaaaaaa",
  "abababababab",
  "abcabcabcabc1".slice(0, 12),
  "123123123123",
  "password1234",
  "PASSWORD1234",
  "password2026!",
  "Passwordpassword",
  "1!iloveyou!1",
  "taskchat2026",
  "abcdefghijkl",
  "123456789012",
  "210987654321",
  "qwertyuiop[]".replace("[]", "1234"),
  "1qaz2wsx3edc",
  "qwertzuiop1234",
  "19870412 1987",
  "+49 170 1234567",
  "ｐａｓｓｗｏｒｄ１２３４",
  "aaaaaabbbbbb",
];
const PERSONAL = [
  "ada.lovelace@analytical.example",
  "Ada.Lovelace1",
  "adalovelace42",
  "AdaLovelace!!",
  "lovelace-ada-1",
  "analyticalada1",
];
const GOOD = [
  PASSWORD,
  "correct horse battery",
  "tr0ub4dor and three",
  "k3#vQ9!mZp2x",
  "sunshine over the harbour",
  "lovelace wrote of engines",
  "пароль из трёх слов",
  "四つの言葉をここに書きます",
];

describe("a password's rules", () => {
  for (const password of COMMON) {
    it(`refuse ${password}`, () => {
      assert.equal(passwordProblem(password, {})?.code, "PASSWORD_TOO_COMMON");
    });
  }
  for (const password of PERSONAL) {
    it(`refuse ${password} of ${ADA.name}, and of nobody else`, () => {
      assert.equal(passwordProblem(password, ADA)?.code, "PASSWORD_TOO_PERSONAL");
      assert.equal(passwordProblem(password, { email: "bob@example.com", name: "Bob" }), null);
    });
  }
  for (const password of GOOD) {
    it(`take ${password}`, () => {
      assert.equal(passwordProblem(password, ADA), null);
    });
  }
});

describe("a password", () => {
  const found = serviceFor();
  const post = (path: string, json: unknown, authorization = "") =>
    found.service.fetch(`/api/auth${path}`, { json, headers: { authorization } });
  const codeIn = async (answer: Response) => {
    assert.equal(answer.status, 400);
    return ((await answer.json()) as { code: string }).code;
  };
  const hashOf = async (userId: string) => {
    const sql = `select password from auth.account where "userId" = $1`;
    const [row] = await query(found.database.serviceUrl, sql, [userId]);
    return String(row?.password);
  };

  it("that is guessed first makes no account", async () => {
    const json = { email: ADA.email, name: ADA.name };
    const common = await post("/sign-up/email", { ...json, password: "password1234" });
    assert.equal(await codeIn(common), "PASSWORD_TOO_COMMON");
    const personal = await post("/sign-up/email", { ...json, password: "adalovelace42" });
    assert.equal(await codeIn(personal), "PASSWORD_TOO_PERSONAL");
    const signIn = await post("/sign-in/email", { email: ADA.email, password: "password1234" });
    assert.equal(signIn.status, 401);
  });

  it("is not changed into one that is guessed first, nor into its owner's name", async () => {
    const person = await signUp(found.service);
    const change = (newPassword: string) =>
      post("/change-password", { currentPassword: PASSWORD, newPassword }, person.authorization);
    assert.equal(await codeIn(await change("qwertyuiop1234")), "PASSWORD_TOO_COMMON");
    assert.equal(await codeIn(await change("Ada-Lovelace-1")), "PASSWORD_TOO_PERSONAL");
    assert.equal((await change("an entirely different one")).status, 200);
  });

  it("of an older kind still opens the account, and is hashed anew", async () => {
    const person = await signUp(found.service);
    assert.match(await hashOf(person.userId), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    // Better Auth 1.7.7's own hash of "correct horse battery staple".
    const old =
      "00112233445566778899aabbccddeeff:" +
      "f5b22309b28fe412c82a4b2cab57498b8f8a42c849af16cb908974048f61c139" +
      "33421858db3a8f111430bdc493c7cef90f61f904061c77206e3820a2e8b11bc2";
    await query(
      found.database.serviceUrl,
      `update auth.account set password = $1 where "userId" = $2`,
      [old, person.userId],
    );
    const signIn = (password: string) => post("/sign-in/email", { email: person.email, password });
    assert.equal((await signIn("not the password")).status, 401);
    assert.equal(await hashOf(person.userId), old);
    assert.equal((await signIn(PASSWORD)).status, 200);
    const renewed = await hashOf(person.userId);
    assert.equal(isOld(renewed), false);
    assert.equal(await verifyPassword(renewed, PASSWORD), true);
    assert.equal((await signIn(PASSWORD)).status, 200);
    assert.equal(await hashOf(person.userId), renewed);
  });

  it("is no password where the hash is none", async () => {
    const PREFIX = "$argon2id$v=19$m=19456,t=2,p=1$";
    for (const hash of [
      "",
      ":",
      "salt",
      PREFIX,
      `${PREFIX}AAAA$`,
      `${PREFIX}${"A".repeat(22)}$AAAA`,
    ]) {
      assert.equal(await verifyPassword(hash, PASSWORD), false, hash);
    }
  });
});
