import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createWindow } from "../../test/state/window.ts";
import { createDraft } from "./draft.ts";

const window = () => createWindow(() => Promise.reject(new TypeError("no network")));

describe("a draft", () => {
  it("is kept for its person alone", () => {
    const tab = window();
    createDraft(tab, "ada").text.value = "milk";
    assert.equal(createDraft(tab, "ada").text.value, "milk");
    assert.equal(createDraft(tab, "eve").text.value, "");
  });

  it("leaves nothing when it is empty", () => {
    const tab = window();
    const draft = createDraft(tab, "ada");
    draft.text.value = "milk";
    const message = draft.outgoing("milk", null);
    draft.stored(message);
    assert.equal(draft.text.value, "");
    assert.equal(tab.stored.size, 0);
  });

  it("has one key for the same words in the same conversation", () => {
    const tab = window();
    const draft = createDraft(tab, "ada");
    const { key } = draft.outgoing("milk", "one");
    assert.equal(draft.outgoing("milk", "one").key, key);
    assert.equal(createDraft(tab, "ada").outgoing("milk", "one").key, key);
    assert.notEqual(draft.outgoing("milk", "two").key, key);
    assert.notEqual(draft.outgoing("tea", "one").key, key);
  });

  it("has a new key when the old one is of no use", () => {
    const draft = createDraft(window(), "ada");
    const message = draft.outgoing("milk", null);
    draft.forgetKey(message);
    assert.notEqual(draft.outgoing("milk", null).key, message.key);
  });

  it("is written no more after its person has gone", () => {
    const tab = window();
    const draft = createDraft(tab, "ada");
    draft.text.value = "milk";
    draft.close();
    tab.sessionStorage.clear();
    draft.text.value = "milk and tea";
    draft.outgoing("milk and tea", null);
    assert.equal(tab.stored.size, 0);
  });

  for (const [what, kept] of [
    ["no JSON", "{"],
    ["null", "null"],
    ["another shape", '{"text":7}'],
  ] as const) {
    it(`that is ${what} is none`, () => {
      const tab = window();
      tab.stored.set("taskchat draft ada", kept);
      assert.equal(createDraft(tab, "ada").text.value, "");
    });
  }

  it("lives without a storage as long as the page", () => {
    const full = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    const storage = { getItem: full, setItem: full, removeItem: full, clear: full };
    const draft = createDraft({ ...window(), sessionStorage: storage }, "ada");
    draft.text.value = "milk";
    const { key } = draft.outgoing("milk", null);
    assert.equal(draft.outgoing("milk", null).key, key);
    assert.equal(draft.text.value, "milk");
  });
});
