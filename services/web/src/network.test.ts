import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, type TestContext } from "node:test";
import { createWindow } from "../test/state/window.ts";
import { createNetwork, type Network } from "./network.ts";

describe("the network", () => {
  let window: ReturnType<typeof createWindow>;
  let network: Network;

  beforeEach(() => {
    window = createWindow(() => Promise.reject(new TypeError("no network")));
    network = createNetwork(window);
  });
  afterEach(() => network.close());

  it("is what the browser says", () => {
    assert.equal(network.isOnline.value, true);
    window.goOffline();
    assert.equal(network.isOnline.value, false);
    window.goOnline();
    assert.equal(network.isOnline.value, true);
  });

  it("is there when a server answers all the same, until it does not", () => {
    window.goOffline();
    network.reached();
    assert.equal(network.isOnline.value, true);
    network.missed();
    assert.equal(network.isOnline.value, false);
  });

  it("is there when one server does not answer", () => {
    network.missed();
    assert.equal(network.isOnline.value, true);
  });

  it("is waited for until it is back", async () => {
    window.goOffline();
    let isBack = false;
    const waiting = network.whenOnline(new AbortController().signal).then(() => {
      isBack = true;
    });
    await Promise.resolve();
    assert.equal(isBack, false);
    window.goOnline();
    await waiting;
  });

  it("is tried now and then, though the browser says nothing", async (context) => {
    (context as TestContext).mock.timers.enable({ apis: ["setTimeout"] });
    window.goOffline();
    const waiting = network.whenOnline(new AbortController().signal);
    context.mock.timers.tick(10_000);
    await waiting;
    assert.equal(network.isOnline.value, false);
  });

  it("is waited for no longer than the person does", async () => {
    window.goOffline();
    const leaving = new AbortController();
    const waiting = network.whenOnline(leaving.signal);
    leaving.abort();
    await waiting;
    await network.whenOnline(leaving.signal);
  });
});
