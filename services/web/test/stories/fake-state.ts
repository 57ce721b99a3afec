/** A page's state that is put together by hand: what components look like without any service. */
import { computed, type Signal, signal } from "@preact/signals";
import type { Item, Row, Task } from "../../src/protocol/items.ts";
import type {
  Arrival,
  Device,
  Failure,
  Offers,
  PageState,
  PersonState,
  Phase,
  Place,
  SessionState,
  TaskFilter,
  ThreadSummary,
  Undo,
} from "../../src/state.ts";
import { ACCOUNT, createFakeProfile, createFakeSession } from "./fake-account.ts";

/** Everything that a story may set. */
export interface Scene {
  session: Signal<SessionState>;
  items: Signal<readonly Item[]>;
  threads: Signal<readonly ThreadSummary[]>;
  tasks: Signal<readonly Task[]>;
  phase: Signal<Phase>;
  progress: Signal<string | null>;
  failure: Signal<Failure | null>;
  choices: Signal<readonly string[]>;
  undo: Signal<Undo | null>;
  isOnline: Signal<boolean>;
  hasEarlier: Signal<boolean>;
  threadId: Signal<string | null>;
  draft: Signal<string>;
  isSimulated: boolean;
  place: Signal<Place>;
  arrival: Arrival;
  offers: Signal<Offers>;
  devices: Signal<readonly Device[] | null>;
  devicesFailure: Signal<string | null>;
}

export function createScene(): Scene {
  return {
    session: signal({ kind: "signed-in", account: ACCOUNT }),
    items: signal([]),
    threads: signal([]),
    tasks: signal([]),
    phase: signal("idle"),
    progress: signal(null),
    failure: signal(null),
    choices: signal([]),
    undo: signal(null),
    isOnline: signal(true),
    hasEarlier: signal(false),
    threadId: signal(null),
    draft: signal(""),
    isSimulated: true,
    place: signal("talk"),
    arrival: { token: null, error: null },
    offers: signal({
      mail: true,
      secondFactor: true,
      erasure: true,
      mailboxUrl: "http://localhost:8025",
    }),
    devices: signal(null),
    devicesFailure: signal(null),
  };
}

const NOW = Date.now();
const at = (minutesAgo: number) => new Date(NOW - minutesAgo * 60_000).toISOString();

export function task(n: number, title: string, completed = false): Task {
  const time = at(n);
  return {
    id: `t${n}`,
    title,
    description: null,
    completed,
    created_at: time,
    updated_at: time,
  };
}

export function said(n: number, text: string, minutesAgo = 5): Item {
  return {
    type: "user_message",
    id: `u${n}`,
    thread_id: "c1",
    created_at: at(minutesAgo),
    content: [{ type: "input_text", text }],
  };
}

export function answered(n: number, text: string, minutesAgo = 5): Item {
  return {
    type: "assistant_message",
    id: `a${n}`,
    thread_id: "c1",
    created_at: at(minutesAgo),
    content: [{ type: "output_text", text }],
  };
}

export function called(n: number, tasks: Row[], minutesAgo = 5): Item {
  return {
    type: "workflow",
    id: `w${n}`,
    thread_id: "c1",
    created_at: at(minutesAgo),
    workflow: { type: "custom", tasks },
  };
}

export const row = {
  doing: (title: string): Row => ({ type: "custom", title, status_indicator: "loading" }),
  done: (title: string): Row => ({
    type: "custom",
    title,
    icon: "check",
    status_indicator: "complete",
  }),
  failed: (title: string, content: string): Row => ({
    type: "custom",
    title,
    content,
    icon: "circle-question",
    status_indicator: "complete",
  }),
  unknown: (title: string, content: string): Row => ({
    type: "custom",
    title,
    content,
    icon: "circle-question",
    status_indicator: "none",
  }),
};

const fine = () => Promise.resolve({ ok: true } as const);
const done = () => Promise.resolve();

export function createPage(scene: Scene): PageState {
  const person = createPerson(scene);
  return {
    config: { chatkitDomainKey: null, modelIsSimulated: scene.isSimulated },
    person: computed(() => (scene.session.value.kind === "signed-in" ? person : null)),
    place: scene.place,
    arrival: scene.arrival,
    go: (path) => {
      scene.place.value = path === "/account" ? "account" : "talk";
    },
    session: createFakeSession(scene),
  };
}

function createPerson(scene: Scene): PersonState {
  const query = signal("");
  const filter = signal<TaskFilter>("open");
  const put = (next: Task) => {
    scene.tasks.value = scene.tasks.value.map((one) => (one.id === next.id ? next : one));
  };
  return {
    account: ACCOUNT,
    profile: createFakeProfile(scene),
    isOnline: scene.isOnline,
    chatUrl: "/api/ana/chat",
    authorizedFetch: fetch,
    close: () => {},
    conversation: {
      ...scene,
      title: computed(
        () => scene.threads.value.find((one) => one.id === scene.threadId.value)?.title ?? null,
      ),
      spoken: signal(""),
      send: (words) => {
        scene.items.value = [...scene.items.value, said(NOW, words ?? scene.draft.value, 0)];
        scene.draft.value = "";
        scene.progress.value = "Thinking…";
        scene.phase.value = "working";
        return done();
      },
      stop: () => {
        scene.phase.value = "idle";
        scene.progress.value = null;
        return done();
      },
      retry: done,
      open: (id) => {
        scene.threadId.value = id;
        return done();
      },
      begin: () => {
        scene.threadId.value = null;
        scene.items.value = [];
      },
      loadEarlier: () => {
        const first = -scene.items.value.length;
        scene.items.value = [
          ...Array.from({ length: 20 }, (_, n) => said(first + n, `earlier ${first + n}`, 3000)),
          ...scene.items.value,
        ];
        return done();
      },
    },
    threads: {
      all: scene.threads,
      found: computed(() =>
        scene.threads.value.filter((one) => one.title.toLowerCase().includes(query.value)),
      ),
      query,
      hasMore: computed(() => scene.threads.value.length > 9),
      failure: signal(null),
      loadMore: done,
      rename: (id, title) => {
        scene.threads.value = scene.threads.value.map((one) =>
          one.id === id ? { ...one, title } : one,
        );
        return fine();
      },
      remove: (id) => {
        scene.threads.value = scene.threads.value.filter((one) => one.id !== id);
        return fine();
      },
    },
    tasks: {
      all: scene.tasks,
      shown: computed(() =>
        scene.tasks.value.filter((one) => filter.value !== "done" || one.completed),
      ),
      filter,
      openCount: computed(() => scene.tasks.value.filter((one) => !one.completed).length),
      doneTodayCount: computed(() => scene.tasks.value.filter((one) => one.completed).length),
      isLoading: signal(false),
      busy: signal(new Set<string>()),
      undo: scene.undo,
      failure: signal(null),
      load: done,
      add: (title) => {
        scene.tasks.value = [task(Math.random(), title), ...scene.tasks.value];
        return fine();
      },
      setCompleted: (one, completed) => {
        put({ ...one, completed });
        return done();
      },
      rename: (one, title) => {
        put({ ...one, title });
        return fine();
      },
      remove: (one) => {
        scene.tasks.value = scene.tasks.value.filter((other) => other.id !== one.id);
        scene.undo.value = {
          words: `Deleted “${one.title}”`,
          run: () => {
            scene.tasks.value = [one, ...scene.tasks.value];
            scene.undo.value = null;
            return done();
          },
        };
        return done();
      },
      dismissUndo: () => {
        scene.undo.value = null;
      },
      dismissFailure: () => {},
    },
  };
}
