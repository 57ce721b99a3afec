import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createWindow } from "../test/state/window.ts";
import { createPlaces } from "./places.ts";

function openedAt(path: string) {
  const window = createWindow(fetch);
  const shown: string[] = [];
  window.history.replaceState(null, "", path);
  const { pushState, replaceState } = window.history;
  window.history.pushState = (data, unused, url) => {
    shown.push(`push ${url}`);
    pushState(data, unused, url);
  };
  window.history.replaceState = (data, unused, url) => {
    shown.push(`replace ${url}`);
    replaceState(data, unused, url);
  };
  return { window, shown, places: createPlaces(window) };
}

describe("the address", () => {
  it("does not keep the token that a mail's link brought", () => {
    const { window, shown, places } = openedAt("/reset-password?token=a-secret&more=1");
    assert.equal(places.place.value, "reset-password");
    assert.deepEqual(places.arrival, { token: "a-secret", error: null });
    assert.deepEqual(shown, ["replace /reset-password"]);
    assert.equal(window.location.search, "");
  });

  it("does not keep why a link failed", () => {
    const { window, places } = openedAt("/verify?error=TOKEN_EXPIRED");
    assert.equal(places.place.value, "verify");
    assert.equal(places.arrival.error, "TOKEN_EXPIRED");
    assert.equal(window.location.search, "");
    places.go("/");
    assert.equal(places.arrival.error, null);
  });

  for (const path of ["/", "/?token=x", "/c/0198c0de-0000-7000-8000-000000000001", "/account/"]) {
    it(`${path} is no page of its own`, () => {
      const { shown, places } = openedAt(path);
      assert.equal(places.place.value, "talk");
      assert.deepEqual(shown, []);
    });
  }

  it("is gone to, and back from by the browser's own buttons", () => {
    const { window, shown, places } = openedAt("/");
    places.go("/account");
    places.go("/account");
    assert.deepEqual(shown, ["push /account"]);
    assert.equal(places.place.value, "account");
    window.go("/");
    assert.equal(places.place.value, "talk");
    window.go("/account");
    assert.equal(places.place.value, "account");
    places.close();
    window.go("/");
    assert.equal(places.place.value, "account");
  });
});
