import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, type TestContext } from "node:test";
import { token } from "../../test/state/stand-in.ts";
import { networkRefusal } from "../api/problems.ts";
import { createToken, type Token } from "./token.ts";

const SIGNED_OUT = {
  ok: false as const,
  refusal: { ...networkRefusal(), kind: "problem" as const, status: 401 },
};
const NO_NETWORK = { ok: false as const, refusal: networkRefusal() };

describe("the token", () => {
  let life = 300;
  let fetched: string[] = [];
  let failure: typeof SIGNED_OUT | typeof NO_NETWORK | null = null;
  let tokens: Token;

  beforeEach((context) => {
    (context as TestContext).mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1e12 });
    life = 300;
    fetched = [];
    failure = null;
    tokens = createToken(() => {
      if (failure !== null) return Promise.resolve(failure);
      fetched.push(token(life));
      return Promise.resolve({ ok: true, value: fetched.at(-1) ?? "" });
    });
  });
  afterEach(() => tokens.close());

  async function tick(context: TestContext, seconds: number): Promise<void> {
    context.mock.timers.tick(seconds * 1000);
    for (let turns = 0; turns < 10; turns += 1) await Promise.resolve();
  }

  it("is asked for once, however many want it", async () => {
    const got = await Promise.all([tokens.get(), tokens.get(), tokens.get()]);
    assert.equal(fetched.length, 1);
    for (const one of got) assert.deepEqual(one, { ok: true, value: fetched[0] });
  });

  it("is renewed a minute before its end, though nobody asks", async (context) => {
    await tokens.get();
    await tick(context, 239);
    assert.equal(fetched.length, 1);
    await tick(context, 2);
    assert.equal(fetched.length, 2);
    assert.deepEqual(await tokens.get(), { ok: true, value: fetched[1] });
    await tick(context, 241);
    assert.equal(fetched.length, 3);
  });

  it("is renewed at the next use when the machine has slept over it", async (context) => {
    await tokens.get();
    context.mock.timers.setTime(1e12 + 3_600_000);
    const got = await tokens.get();
    assert.deepEqual(got, { ok: true, value: fetched.at(-1) });
    assert.notEqual(fetched.at(-1), fetched[0]);
  });

  it("is good to its end while there is no other", async (context) => {
    await tokens.get();
    failure = NO_NETWORK;
    await tick(context, 250);
    assert.deepEqual(await tokens.get(), { ok: true, value: fetched[0] });
    await tick(context, 51);
    assert.deepEqual(await tokens.get(), NO_NETWORK);
    failure = null;
    assert.deepEqual(await tokens.get(), { ok: true, value: fetched[1] });
  });

  it("is not given any more when the session is over", async (context) => {
    await tokens.get();
    failure = SIGNED_OUT;
    await tick(context, 241);
    assert.deepEqual(await tokens.get(), SIGNED_OUT);
  });

  it("that was refused is renewed once, however many were refused", async () => {
    const first = await tokens.get();
    assert.ok(first.ok);
    const [one, other] = await Promise.all([tokens.renew(first.value), tokens.renew(first.value)]);
    assert.equal(fetched.length, 2);
    assert.deepEqual(one, other);
    // Somebody who was slower was refused the first one, too.
    assert.deepEqual(await tokens.renew(first.value), one);
    assert.equal(fetched.length, 2);
  });

  it("that lives for less than two minutes is renewed at half of it", async (context) => {
    life = 60;
    await tokens.get();
    await tick(context, 29);
    assert.equal(fetched.length, 1);
    await tick(context, 2);
    assert.equal(fetched.length, 2);
  });

  it("without a life is asked for each time, and by no timer", async (context) => {
    life = 0;
    await tokens.get();
    await tick(context, 600);
    assert.equal(fetched.length, 1);
    await tokens.get();
    assert.equal(fetched.length, 2);
  });

  it("is asked for no more after the person has gone", async (context) => {
    await tokens.get();
    tokens.close();
    await tick(context, 600);
    assert.equal(fetched.length, 1);
  });
});
