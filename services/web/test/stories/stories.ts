/** The page in one of its states, by the name in the address: `?conversation`. No service is needed. */
import { h, render } from "preact";
import type { Device } from "../../src/state.ts";
import { App } from "../../src/view/app.tsx";
import {
  answered,
  called,
  createPage,
  createScene,
  row,
  type Scene,
  said,
  task,
} from "./fake-state.ts";

const THREADS = [
  ["c1", "Add tasks to buy milk and to call mum"],
  ["c2", "What is still open?"],
  ["c3", "Plan the trip to Lisbon with Jo and the children"],
  ["c4", "Paint the shed"],
] as const;

const TASKS = [
  task(1, "buy milk"),
  task(2, "call mum", true),
  task(
    3,
    "book the train to Lisbon for Jo, the children and the dog, window seats if there are any",
  ),
  task(4, "paint the shed"),
  task(5, "return the library books", true),
];

const DEVICES: Device[] = [
  ["Chrome on Linux", true, "192.0.2.7"],
  ["Firefox on Windows", false, "2001:db8:1234:5678::1"],
  ["Safari on iPhone", false, null],
  ["A device that does not say what it is", false, "198.51.100.20"],
].map(([words, isCurrent, address], n) => ({
  id: `s${n}`,
  words: String(words),
  isCurrent: isCurrent === true,
  since: `2026-11-${30 - 3 * n}T08:1${n}:00Z`,
  address: address === null ? null : String(address),
}));

const TURN = [
  said(1, "add tasks to buy milk and to call mum"),
  called(1, [row.done("Added “buy milk”"), row.done("Added “call mum”")]),
  answered(1, "I added 2 tasks: “buy milk” and “call mum”."),
];

const LONG = [
  ...TURN,
  said(2, "show my tasks"),
  called(2, [row.done("Looked at your tasks")]),
  answered(
    2,
    "Here are your **3 open** tasks:\n\n1. buy milk\n2. book the train\n3. paint the shed\n\nThe oldest is `paint the shed`. See [the list](https://example.com), *not* ![a picture](https://evil.example/x.png).",
  ),
  said(3, "I called mum\n\nand delete the shed one"),
  called(3, [
    row.done("Looked at your tasks"),
    row.done("Completed “call mum”"),
    row.failed("Did not delete “paint the shed”", "There is no such task, or not any more."),
    row.unknown(
      "Deleting “paint the fence”",
      "The turn ended before it was known whether this was done.",
    ),
  ]),
  answered(
    3,
    "I marked “call mum” as done.\n\n```\na line of code that is far too long to fit into the column in which an answer is written, so it goes on below\n```\n\n| task | state |\n| --- | --- |\n| call mum | done |\n| shed | gone |",
  ),
];

function conversation(scene: Scene): void {
  scene.threadId.value = "c1";
  scene.threads.value = THREADS.map(([id, title]) => ({ id, title, createdAt: "2026-11-30" }));
  scene.tasks.value = TASKS;
  scene.items.value = LONG;
}

const STORIES: Record<string, (scene: Scene) => void> = {
  "sign-in": (scene) => {
    scene.session.value = { kind: "signed-out", notice: null };
  },
  ended: (scene) => {
    scene.session.value = { kind: "signed-out", notice: "You were signed out in another tab." };
  },
  unreachable: (scene) => {
    scene.session.value = {
      kind: "unreachable",
      words: "The server cannot be reached. Check your connection, then try again.",
    };
  },
  empty: () => {},
  conversation,
  working: (scene) => {
    conversation(scene);
    scene.items.value = [
      ...TURN,
      said(4, "delete the shed one and add a task to buy paint"),
      called(4, [
        row.done("Looked at your tasks"),
        row.done("Deleted “paint the shed”"),
        row.doing("Adding “buy paint”"),
      ]),
    ];
    scene.phase.value = "working";
  },
  thinking: (scene) => {
    conversation(scene);
    scene.items.value = [...TURN, said(4, "what is open?")];
    scene.phase.value = "working";
    scene.progress.value = "Thinking…";
  },
  failed: (scene) => {
    conversation(scene);
    scene.items.value = [...TURN, said(4, "what is open?")];
    scene.failure.value = {
      words: "The model is not answering at the moment. Nothing was changed. Try again.",
      canRetry: true,
    };
  },
  choices: (scene) => {
    conversation(scene);
    scene.items.value = [
      ...TURN,
      said(4, "delete the milk one"),
      called(4, [row.done("Looked at your tasks")]),
      answered(4, "Which one do you mean: “buy milk” or “buy oat milk”?"),
    ];
    scene.choices.value = ["buy milk", "buy oat milk"];
  },
  offline: (scene) => {
    conversation(scene);
    scene.isOnline.value = false;
    scene.phase.value = "waiting";
    scene.draft.value = "add a task to water the plants";
  },
  many: (scene) => {
    conversation(scene);
    scene.threads.value = Array.from({ length: 30 }, (_, n) => ({
      id: `c${n}`,
      title: `conversation number ${n} about this and that`,
      createdAt: "2026-11-30",
    }));
    scene.tasks.value = Array.from({ length: 500 }, (_, n) =>
      task(n, `task number ${n} of many`, n % 7 === 0),
    );
  },
  "very-many": (scene) => {
    conversation(scene);
    scene.tasks.value = Array.from({ length: 2000 }, (_, n) =>
      task(n, `task number ${n} of many`, n % 7 === 0),
    );
  },
  long: (scene) => {
    conversation(scene);
    scene.hasEarlier.value = true;
    scene.items.value = Array.from({ length: 60 }, (_, n) => [
      said(n, `message ${n}`, 3000 - 40 * n),
      answered(n, `answer ${n}\n\nwith a second paragraph`, 3000 - 40 * n),
    ]).flat();
  },
  account: (scene) => {
    conversation(scene);
    scene.place.value = "account";
    scene.devices.value = DEVICES;
  },
  "account-bare": (scene) => {
    scene.place.value = "account";
    scene.offers.value = { mail: false, secondFactor: false, erasure: false, mailboxUrl: null };
    scene.devicesFailure.value = "The server did not answer in time. Try again.";
  },
  reset: (scene) => {
    scene.session.value = { kind: "signed-out", notice: null };
    scene.place.value = "reset-password";
    scene.arrival = { token: "a-token", error: null };
  },
  "reset-no-token": (scene) => {
    scene.session.value = { kind: "signed-out", notice: null };
    scene.place.value = "reset-password";
  },
  verified: (scene) => {
    scene.session.value = { kind: "signed-out", notice: null };
    scene.place.value = "verify";
  },
  "verified-here": (scene) => {
    scene.place.value = "verify";
  },
  "verify-expired": (scene) => {
    scene.session.value = { kind: "signed-out", notice: null };
    scene.place.value = "verify";
    scene.arrival = { token: null, error: "TOKEN_EXPIRED" };
  },
  closed: (scene) => {
    scene.session.value = { kind: "closed", isErased: false };
  },
  "budget-used-up": (scene) => {
    conversation(scene);
    scene.items.value = TURN;
    scene.draft.value = "add a task to water the plants";
    scene.failure.value = {
      words:
        "Your message was not sent. It stays in the box below: send it again later. You have used up your share for now. It is renewed tomorrow at 01:00.",
      canRetry: true,
    };
  },
  full: (scene) => {
    conversation(scene);
    scene.draft.value = "buy milk\n".repeat(900);
  },
};

const scene = createScene();
STORIES[location.search.slice(1)]?.(scene);
const root = document.getElementById("root");
if (root !== null) render(h(App, { page: createPage(scene) }), root);
Object.assign(window, { scene });
