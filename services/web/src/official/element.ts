/**
 * OpenAI's own chat element, where a domain key is configured. Its script comes from OpenAI at every
 * load, in whatever version is current: it cannot be pinned, nor served from here.
 */
import type { ChatKitOptions, OpenAIChatKit } from "@openai/chatkit";
import type { PersonState } from "../state.ts";
import { texts } from "../texts.ts";

const SCRIPT = "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js";
const NAME = "openai-chatkit";
/** After so long without an element the person is not kept waiting any more. */
const PATIENCE_MS = 4000;

/** Resolves to whether the script has defined the element in time. Does not reject. */
export function loadElement(): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isThere: boolean) => {
      window.clearTimeout(timer);
      resolve(isThere);
    };
    const timer = window.setTimeout(() => end(false), PATIENCE_MS);
    void customElements.whenDefined(NAME).then(() => end(true));
    if (document.querySelector(`script[src="${SCRIPT}"]`) !== null) return;
    const script = document.createElement("script");
    script.async = true;
    script.src = SCRIPT;
    // Blocked or unreachable: it may be tried again, by whoever signs in next.
    script.addEventListener("error", () => {
      script.remove();
      end(false);
    });
    document.head.append(script);
  });
}

/**
 * Puts the element into `place`, talking to our endpoint with this person's token.
 *
 * Args: note: what is to be known of the model, or null. onRefused: the element came and will not work,
 * for the domain key is not one for this address. Returns what takes it out.
 */
export function putElement(
  place: Element,
  person: PersonState,
  domainKey: string,
  note: string | null,
  onRefused: () => void,
): () => void {
  const element = document.createElement(NAME) as OpenAIChatKit;
  const options = optionsOf(person, domainKey, note);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const setOptions = () =>
    element.setOptions({
      ...options,
      theme: dark.matches ? "dark" : "light",
    });
  setOptions();
  dark.addEventListener("change", setOptions);
  let isReady = false;
  element.addEventListener("chatkit.ready", () => {
    isReady = true;
  });
  element.addEventListener("chatkit.error", () => {
    if (!isReady) onRefused();
  });
  const refresh = () => void person.tasks.load();
  element.addEventListener("chatkit.effect", (event) => {
    if (event.detail.name === "tool_result") refresh();
  });
  // Also when an effect was lost with the connection.
  element.addEventListener("chatkit.response.end", refresh);
  place.append(element);
  return () => {
    dark.removeEventListener("change", setOptions);
    element.remove();
  };
}

function optionsOf(person: PersonState, domainKey: string, note: string | null): ChatKitOptions {
  return {
    api: { url: person.chatUrl, domainKey, fetch: person.authorizedFetch },
    frameTitle: texts.official.frame,
    initialThread: person.conversation.threadId.peek(),
    history: { enabled: true, showDelete: true, showRename: true },
    startScreen: {
      greeting: texts.empty.heading,
      prompts: texts.empty.examples.map((prompt) => ({ label: prompt, prompt })),
    },
    composer: { placeholder: texts.composer.placeholder, attachments: { enabled: false } },
    disclaimer: { text: [texts.empty.cannot, note].join(" ").trim() },
  };
}
