import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { query } from "../../test/databases.ts";
import { assertProblem, serviceFor } from "../../test/expectations.ts";
import {
  PASSWORD,
  type Person,
  readyService,
  type Service,
  signUp,
  type Variables,
} from "../../test/service.ts";
import { PASSWORD_PATHS } from "../http/paths.ts";

let strangers = 0;

/** A wrong sign-in; to an account that nobody has tried yet, if none is named. */
function signIn(service: Service, headers: Variables = {}, email?: string): Promise<Response> {
  strangers += 1;
  const named = email ?? `stranger-${strangers}@example.com`;
  return service.fetch("/api/auth/sign-in/email", {
    json: { email: named, password: "not the password" },
    headers,
  });
}

const token = (service: Service, { authorization }: Person, headers: Variables = {}) =>
  service.fetch("/api/auth/token", { headers: { authorization, ...headers } });

const statuses = async (requests: Promise<Response>[]) =>
  (await Promise.all(requests)).map((answer) => answer.status);

/** So many of them were refused; one less for each that a slow machine has earned meanwhile. */
function assertRefused(all: number[], most: number, earned = 1): void {
  const refused = all.filter((status) => status === 429).length;
  assert.ok(refused <= most && refused >= most - earned, `${refused} of ${all.length} refused`);
}

/** How long the first of them that was refused is told to wait. */
async function retryAfter(answers: Response[]): Promise<number> {
  const refused = answers.find(({ status }) => status === 429);
  assert.ok(refused);
  await assertProblem(refused, 429, "rate_limited");
  return Number(refused.headers.get("retry-after"));
}

describe("rate limits without an edge", () => {
  const found = serviceFor({ RATE_LIMIT_ENABLED: "true" });

  it("count the socket's address, whatever address a client names", async () => {
    const spoofed = Array.from({ length: 14 }, (_, index) =>
      signIn(found.service, {
        "x-forwarded-for": `192.0.2.${index}`,
        "x-real-ip": `192.0.2.${index}`,
        "x-taskchat-client-address": `192.0.2.${index}`,
      }),
    );
    const answers = await Promise.all(spoofed);
    assertRefused(
      answers.map(({ status }) => status),
      4,
    );
    const seconds = await retryAfter(answers);
    assert.ok(seconds >= 1 && seconds <= 6, `retry-after: ${seconds}`);
  });

  it("are shared by all replicas", async () => {
    const another = await readyService(found.database.serviceUrl, { RATE_LIMIT_ENABLED: "true" });
    try {
      const more = Array.from({ length: 10 }, () => signIn(another));
      assertRefused(await statuses(more), 10, 5);
    } finally {
      await another.stop();
    }
  });

  it("never keep a verifier from the keys", async () => {
    const many = Array.from({ length: 150 }, () => found.service.fetch("/api/auth/jwks"));
    assert.deepEqual(new Set(await statuses(many)), new Set([200]));
  });
});

describe("rate limits behind an edge", () => {
  const found = serviceFor({ RATE_LIMIT_ENABLED: "true", CLIENT_IP_HEADER: "X-Real-IP" });
  const from = (address: string, email?: string) =>
    signIn(found.service, { "x-real-ip": address }, email);
  const anywhere = () => ({ "x-real-ip": `198.51.100.${(strangers % 250) + 1}` });

  it("count the address in the edge's header, and no other", async () => {
    const one = Array.from({ length: 12 }, (_, i) =>
      signIn(found.service, { "x-real-ip": "192.0.2.1", "x-forwarded-for": `192.0.2.${i + 2}` }),
    );
    assertRefused(await statuses(one), 2);
    assert.equal((await from("192.0.2.2")).status, 401);
  });

  it("count the networks of one site as one", async () => {
    const site = Array.from({ length: 12 }, (_, i) => from(`2001:db8:1:${i}::${i}`));
    assertRefused(await statuses(site), 2);
    assert.equal((await from("2001:db8:2::1")).status, 401);
  });

  it("count tokens by session: an office behind one address shares none", async () => {
    const people = [await signUp(found.service), await signUp(found.service)] as const;
    const one = Array.from({ length: 100 }, () => token(found.service, people[0], anywhere()));
    assertRefused(await statuses(one), 40, 30);
    assert.equal((await token(found.service, people[1])).status, 200);
  });

  it("count a session however its cookie is written", async () => {
    const [one, other] = [await signUp(found.service), await signUp(found.service)];
    const [own, foreign] = [one, other].map(({ authorization }) => authorization.split(" ")[1]);
    const name = "better-auth.session_token";
    for (const cookie of [
      `${name}="${own}"`,
      `${name} =${own}`,
      `__Secure-${name}=${foreign}; ${name}=${own}`,
      `${name}=${own}; ${name}=${foreign}`,
    ]) {
      await query(found.database.serviceUrl, "delete from auth.limited_rate");
      const all = await statuses(
        Array.from({ length: 80 }, () =>
          found.service.fetch("/api/auth/token", { headers: { cookie } }),
        ),
      );
      assert.ok(all.includes(200) && all.includes(429), cookie);
      assert.equal((await token(found.service, other)).status, 200);
    }
  });

  it("cost the database nothing for who has no session", async () => {
    const rows = () =>
      query(found.database.serviceUrl, "select count(*)::int from auth.limited_rate");
    const before = await rows();
    for (const authorization of ["Bearer x", "Bearer abc.def", `Bearer ${"a".repeat(32)}.AAAA`]) {
      const answer = await found.service.fetch("/api/auth/token", { headers: { authorization } });
      assert.equal(answer.status, 401);
    }
    assert.deepEqual(await rows(), before);
  });

  it("make who guesses an account's password wait, from wherever they come", async () => {
    const { email } = await signUp(found.service);
    const guesses = Array.from({ length: 30 }, (_, i) =>
      from(`203.0.113.${i}`, i % 2 === 0 ? email : email.toUpperCase()),
    );
    const answers = await Promise.all(guesses);
    const tried = answers.filter(({ status }) => status === 401).length;
    // One more for each wait that a slow machine has sat out.
    assert.ok(tried >= 5 && tried <= 8, `${tried} of 30 were tried`);
    assert.ok((await retryAfter(answers)) <= 8);
    assert.equal((await from("203.0.113.98")).status, 401, "another account");
  });

  it("lets somebody in whom strangers' guesses would keep out, where they have signed in", async () => {
    const { email } = await signUp(found.service);
    const enter = (address: string) =>
      found.service.fetch("/api/auth/sign-in/email", {
        json: { email, password: PASSWORD },
        headers: { "x-real-ip": address },
      });
    assert.equal((await enter("192.0.2.77")).status, 200);
    await query(
      found.database.serviceUrl,
      "update auth.guess set tries = 40, until = now() + interval '1 hour' where known_until is null",
    );
    await Promise.all(Array.from({ length: 8 }, (_, i) => from(`203.0.113.${i + 100}`, email)));
    assert.equal((await enter("192.0.2.77")).status, 200);
  });

  it("count no address that is written like somebody else's place", async () => {
    const { email } = await signUp(found.service);
    const enter = () =>
      found.service.fetch("/api/auth/sign-in/email", {
        json: { email, password: PASSWORD },
        headers: { "x-real-ip": "192.0.2.88" },
      });
    assert.equal((await enter()).status, 200);
    for (let i = 0; i < 8; i += 1) await from(`203.0.113.${i + 120}`, `${email}\n192.0.2.88`);
    assert.equal((await enter()).status, 200);
  });

  it("count the passwords of one session together, at whatever path it tries them", async () => {
    const { authorization } = await signUp(found.service);
    const paths = PASSWORD_PATHS.filter((path) => !/^.(sign-|reset-password)/.test(path));
    assert.ok(paths.length >= 5);
    const wrong = { password: "not the password", currentPassword: "not the password" };
    const tries = paths.flatMap((path) =>
      Array.from({ length: 5 }, () =>
        found.service.fetch(`/api/auth${path}`, {
          json: { ...wrong, newPassword: "an entirely different sentence" },
          headers: { authorization, ...anywhere() },
        }),
      ),
    );
    const all = (await statuses(tries)).filter((status) => status !== 404);
    assertRefused(all, all.length - 10, 3);
  });
});

describe("a flood of sign-ins", () => {
  const found = serviceFor({ RATE_LIMIT_ENABLED: "true", CLIENT_IP_HEADER: "X-Real-IP" });

  it("keeps nobody out by bodies that never come", async () => {
    const { hostname, port } = new URL(found.service.url);
    const head = `POST /api/auth/two-factor/enable HTTP/1.1\r\nHost: ${hostname}:${port}\r\n`;
    const halves = Array.from({ length: 40 }, () => connect(Number(port), hostname));
    for (const half of halves) {
      half.on("error", () => undefined);
      half.write(`${head}Content-Type: application/json\r\nContent-Length: 60\r\n\r\n{"pa`);
    }
    try {
      await new Promise((later) => setTimeout(later, 500));
      assert.equal((await signIn(found.service, { "x-real-ip": "192.0.2.9" })).status, 401);
    } finally {
      for (const half of halves) half.destroy();
    }
  });

  it("is refused in part, and nobody's token waits behind it", async () => {
    const person = await signUp(found.service);
    const began = performance.now();
    let over = false;
    const flood = Promise.all(
      Array.from({ length: 64 }, (_, i) =>
        signIn(found.service, { "x-real-ip": `2001:db8:${i.toString(16)}::1` }),
      ),
    ).finally(() => {
      over = true;
    });
    const times: number[] = [];
    while (!over && times.length < 50) {
      const start = performance.now();
      assert.equal((await token(found.service, person)).status, 200);
      assert.equal((await found.service.fetch("/api/auth/jwks")).status, 200);
      times.push(performance.now() - start);
    }
    const answers = await flood;
    const flooded = performance.now() - began;
    const refused = answers.filter(({ status }) => status === 503);
    assert.ok(refused.length > 0 && refused.length < 64, `${refused.length} of 64`);
    const [first] = refused;
    assert.ok(first);
    await assertProblem(first, 503, "overloaded");
    assert.ok(Number(first.headers.get("retry-after")) >= 1);
    assert.ok(answers.every(({ status }) => status === 503 || status === 401));
    // As long as the flood itself without a bound: 24 s (the review's finding 8).
    times.sort((a, b) => a - b);
    const p95 = times[Math.ceil(times.length * 0.95) - 1] ?? Number.POSITIVE_INFINITY;
    assert.ok(p95 < flooded / 3, `p95 of ${times.length}: ${p95} ms, of a flood of ${flooded} ms`);
  });
});
