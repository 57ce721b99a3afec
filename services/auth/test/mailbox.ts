/** A real SMTP receiver, the one of `make run`, in a process of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Variables } from "./service.ts";

const PYTHON = fileURLToPath(new URL("../../../.venv/bin/python", import.meta.url));

export interface Letter {
  to: string;
  subject: string;
  text: string;
  links: string[];
}

export interface Mailbox {
  /** What the service is told, so that its mails come here. */
  settings: Variables;
  /** All mails to an address, the newest first. */
  letters(to: string): Promise<Letter[]>;
  /** The first link of the newest mail to an address; waits for one. */
  link(to: string): Promise<string>;
  stop(): Promise<void>;
}

export async function startMailbox(): Promise<Mailbox> {
  const child = spawn(PYTHON, ["-m", "devstack.mailbox"], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const settings = JSON.parse(line) as Variables;
  const ask = async (path: string, to: string) => {
    const url = `${settings.MAILBOX_URL}${path}?to=${encodeURIComponent(to)}`;
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`no mail to ${to}: ${answer.status}`);
    return await answer.text();
  };
  return {
    settings,
    letters: async (to) => JSON.parse(await ask("/mails.json", to)) as Letter[],
    link: async (to) => (await ask("/link", to)).trim(),
    stop: async () => {
      const ended = once(child, "exit");
      child.stdin.end();
      await ended;
    },
  };
}
