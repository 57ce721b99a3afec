/** A person's account: where they are signed in, how they sign in, and all that is kept of them. */
import { signal } from "@preact/signals";
import type { Answer } from "../api/endpoint.ts";
import { networkRefusal } from "../api/problems.ts";
import type { Browser } from "../browser.ts";
import { type AuthRequest, member } from "../session/auth-request.ts";
import { mailTargets } from "../session/mails.ts";
import type { OwnSession } from "../session/session.ts";
import type { Device, NewSecondFactor, Outcome, Profile } from "../state.ts";
import { stateTexts } from "../texts.ts";
import { deviceWords } from "./device-words.ts";

export function createProfile(
  browser: Browser,
  { ask, read }: AuthRequest,
  session: Pick<OwnSession, "changed" | "closed">,
): Profile {
  const devices = signal<readonly Device[] | null>(null);
  const failure = signal<string | null>(null);
  const { origin } = browser.location;

  async function loadDevices(): Promise<void> {
    const answer = await ask("/list-sessions");
    const found = answer.ok ? readDevices(answer.value) : null;
    if (found !== null) devices.value = found;
    failure.value = found === null ? wordsOf(answer) : null;
  }

  /** then: what else is to be known once it is done. */
  async function act(
    path: string,
    body: Record<string, unknown>,
    then: () => Promise<void> = () => Promise.resolve(),
  ): Promise<Outcome> {
    const answer = await ask(path, body);
    if (!answer.ok) return { ok: false, words: answer.refusal.words };
    await then();
    return { ok: true };
  }

  const changed = async () => {
    await Promise.all([session.changed(), loadDevices()]);
  };

  return {
    devices,
    failure,
    loadDevices,
    endDevice: (id) => act("/revoke-session", { id }, loadDevices),
    endOtherDevices: () => act("/revoke-other-sessions", {}, loadDevices),
    changeEmail: (newEmail) =>
      act("/change-email", { newEmail, callbackURL: mailTargets(origin).changed }, changed),
    changePassword: (currentPassword, newPassword) =>
      act("/change-password", { currentPassword, newPassword, revokeOtherSessions: true }, changed),
    beginSecondFactor: async (password) => {
      const answer = await ask("/two-factor/enable", { password });
      const factor = answer.ok ? readFactor(answer.value) : null;
      return factor === null ? { ok: false, words: wordsOf(answer) } : { ok: true, factor };
    },
    confirmSecondFactor: (code) => act("/two-factor/verify-totp", { code }, changed),
    endSecondFactor: (password) => act("/two-factor/disable", { password }, changed),
    exported: async () => {
      const answer = await read("/export");
      if (!answer.ok) return { ok: false, words: answer.refusal.words };
      const { file, disposition } = answer.value;
      const name = /filename="([\w.-]{1,100})"/.exec(disposition)?.[1] ?? "taskchat.json";
      return { ok: true, file, name };
    },
    erase: async (password) => {
      const answer = await ask("/delete-user", { password });
      if (!answer.ok) return { ok: false, words: answer.refusal.words };
      session.closed(member(member(answer.value, "erasure"), "state") === "done");
      return { ok: true };
    },
  };
}

/** What the server said no with; or that what it said yes with cannot be read. */
function wordsOf(answer: Answer<unknown>): string {
  return answer.ok ? networkRefusal(stateTexts.api.unreadable(200)).words : answer.refusal.words;
}

/** null: it is no list of sessions. */
function readDevices(value: unknown): Device[] | null {
  if (!Array.isArray(value)) return null;
  const read = value.map((one: unknown): Device => {
    const [id, createdAt, userAgent, ipAddress] = ["id", "createdAt", "userAgent", "ipAddress"].map(
      (name) => text(member(one, name)),
    );
    return {
      id: id ?? "",
      words: deviceWords(userAgent ?? null),
      isCurrent: member(one, "current") === true,
      since: createdAt ?? "",
      address: ipAddress ?? null,
    };
  });
  const known = read.filter(({ id, since }) => id !== "" && !Number.isNaN(Date.parse(since)));
  return known.sort(
    (a, b) => Number(b.isCurrent) - Number(a.isCurrent) || b.since.localeCompare(a.since),
  );
}

/** null: it is none. */
function readFactor(value: unknown): NewSecondFactor | null {
  const uri = text(member(value, "totpURI"));
  const codes = member(value, "backupCodes");
  const secret = /[?&]secret=([A-Z2-7]+)/.exec(uri ?? "")?.[1];
  if (uri === null || secret === undefined || !Array.isArray(codes)) return null;
  return { uri, secret, backupCodes: codes.map(String) };
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
