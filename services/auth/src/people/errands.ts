/**
 * Errands to the services that keep something of people: erase a person, export a person.
 *
 * Each errand has a token of its own, signed with the key of all tokens: about one person, good for
 * one door and a minute. Source: ADR 0037; docs/contract.md "Export and erasure".
 */
import { setTimeout as wait } from "node:timers/promises";
import { signJWT } from "better-auth/plugins";
import { type Auth, jwtOptions } from "../accounts/auth.ts";
import type { PartUrls, ServiceSettings } from "../settings/settings.ts";

/** A service that keeps something of people, beside this one. */
export type PartName = keyof PartUrls;
export const PART_NAMES: readonly PartName[] = ["chat-gateway", "mcp-tools"];

const ERRAND_SECONDS = 60;
/** A service answers an erasure after 8 s, whether it is done or not. */
const ANSWER_LIMIT_MS = 10_000;
const SECOND_TRY_MS = 250;

/** How far a service is with an erasure: docs/contract.md. */
export interface PartErased {
  state: "running" | "done";
  /** Rows that this call deleted, by table. */
  deleted: Readonly<Record<string, number>>;
}

/** A service answered with something else than 200; its status says more than its words. */
export class PartRefused extends Error {
  readonly code: string;
  readonly status: number;

  constructor(part: PartName, status: number) {
    super(`${part} answered ${status}`);
    this.name = "PartRefused";
    this.status = status;
    this.code = `HTTP ${status}`;
  }
}

export interface Errands {
  /** @throws Error no answer in time, or another one than was agreed; nothing of a person in it. */
  erase(part: PartName, userId: string): Promise<PartErased>;
  /** A service's part of an export, once it has begun, until the signal. @throws as `erase`. */
  export(part: PartName, userId: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

/** Errands to these services; tokens by the key that signs now. */
export function createErrands(urls: PartUrls, settings: ServiceSettings, auth: Auth): Errands {
  async function token(userId: string, audience: string): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const context = { context: await auth.$context } as Parameters<typeof signJWT>[0];
    return signJWT(context, {
      options: jwtOptions(settings),
      payload: { sub: userId, aud: audience, iat: now, exp: now + ERRAND_SECONDS },
    });
  }

  async function sent(
    part: PartName,
    userId: string,
    { method, errand, audience, signal }: Sent,
  ): Promise<Response> {
    const url = `${urls[part]}/internal/people/${userId}/${errand}`;
    const authorization = `Bearer ${await token(userId, audience)}`;
    const answer = await fetch(url, {
      method,
      headers: { authorization },
      redirect: "error",
      signal,
    });
    if (answer.status === 200) return answer;
    await answer.body?.cancel();
    throw new PartRefused(part, answer.status);
  }

  return {
    erase: async (part, userId) => {
      const answer = await sent(part, userId, {
        method: "POST",
        errand: "erase",
        audience: "taskchat-erasure",
        signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
      });
      const { state, deleted } = (await answer.json()) as PartErased;
      if (state !== "running" && state !== "done") throw new Error("another answer than agreed");
      return { state, deleted };
    },
    export: async (part, userId, signal) => {
      const ask = () =>
        sent(part, userId, {
          method: "GET",
          errand: "export",
          audience: "taskchat-export",
          signal,
        });
      const answer = await ask().catch(async (error: unknown) => {
        if (error instanceof PartRefused) throw error;
        // A kept connection may be closed by the service just when it is used again.
        await wait(SECOND_TRY_MS, undefined, { signal });
        return ask();
      });
      if (answer.body === null) throw new Error("another answer than agreed");
      return answer.body;
    },
  };
}

interface Sent {
  method: "GET" | "POST";
  errand: "erase" | "export";
  audience: "taskchat-erasure" | "taskchat-export";
  signal: AbortSignal;
}
