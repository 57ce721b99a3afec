/** The page without its components, in front of a server that stands in for all of them. */
import { afterEach, beforeEach } from "node:test";
import { createPageState } from "../../src/app-state.ts";
import type { PageState, PersonState } from "../../src/state.ts";
import { type StandIn, standIn } from "./stand-in.ts";
import { until } from "./until.ts";
import { createWindow, type TestWindow } from "./window.ts";

export interface OpenPage extends PageState {
  window: TestWindow;
  /** Who is signed in. */
  here(): PersonState;
  close(): void;
}

export interface Rig {
  server: StandIn;
  /** kept: what an earlier page of this tab has stored. path: of the address. */
  /** The page that was opened last, which may be reading still. */
  opened(): OpenPage;
  open(options?: { kept?: Map<string, string>; path?: string }): Promise<OpenPage>;
}

/** Call it in a `describe`. */
export function rig(): Rig {
  const pages: OpenPage[] = [];
  const self = {} as Rig;

  beforeEach(async () => {
    self.server = await standIn();
    self.opened = () => {
      const last = pages.at(-1);
      if (last === undefined) throw new Error("no page is open");
      return last;
    };
    self.open = async ({ kept, path = "/" } = {}) => {
      const window = createWindow(fetch, self.server.origin);
      for (const [name, value] of kept ?? []) window.stored.set(name, value);
      window.history.replaceState(null, "", path);
      const page = createPageState({ chatkitDomainKey: null, modelIsSimulated: true }, window);
      const opened = {
        ...page,
        window,
        here: () => {
          const person = page.person.value;
          if (person === null) throw new Error("nobody is signed in");
          return person;
        },
        close: page.close,
      };
      pages.push(opened);
      await until("the session is known", () => page.session.state.value.kind !== "loading");
      const { tasks } = page.person.value ?? {};
      await until("the tasks were read", () => tasks?.isLoading.value !== true);
      return opened;
    };
  });

  afterEach(async () => {
    for (const page of pages.splice(0)) page.close();
    await self.server.close();
  });

  return self;
}
