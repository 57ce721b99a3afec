/** Why a request was refused, in words for the person: what happened, and what to do. */
import { stateTexts } from "../texts.ts";
import { momentAfter } from "./moment-after.ts";

const { api } = stateTexts;

/** `problem`: the server said no. `network`: nobody knows whether it was heard. `left`: we went away. */
export interface Refusal {
  kind: "problem" | "network" | "left";
  /** 0: there was no answer. */
  status: number;
  /** docs/contract.md, "Errors"; empty where it was no problem of ours. */
  code: string;
  words: string;
  /** null: the server named no time. */
  retryAfterMs: number | null;
}

interface Problem {
  detail?: unknown;
  /** Better Auth's refusals have it instead. */
  message?: unknown;
  title?: unknown;
  code?: unknown;
  turn_id?: unknown;
  trace_id?: unknown;
  errors?: unknown;
}

export const LEFT: Refusal = {
  kind: "left",
  status: 0,
  code: "",
  words: api.cut,
  retryAfterMs: null,
};

/** Nothing came, or not all of it. */
export function networkRefusal(words: string = api.network): Refusal {
  return { kind: "network", status: 0, code: "", words, retryAfterMs: null };
}

/** The problem in an answer that is not 2xx. Never rejects. */
export async function readRefusal(response: Response, origin: string): Promise<Refusal> {
  const problem = await readProblem(response);
  const retryAfterMs = readRetryAfter(response.headers.get("retry-after"));
  const { status } = response;
  const code = typeof problem?.code === "string" ? problem.code : "";
  const words =
    problem === null ? unreadable(status) : wordsOf(problem, code, retryAfterMs, origin);
  return { kind: "problem", status, code, words, retryAfterMs };
}

async function readProblem(response: Response): Promise<Problem | null> {
  try {
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null ? body : null;
  } catch {
    return null;
  }
}

/** A zone that this browser knows and the server does not: all that is lost without it is the person's hour. */
export async function refusesTimeZone(response: Response): Promise<boolean> {
  if (response.status !== 422) return false;
  const problem = await readProblem(response.clone());
  const errors: unknown[] = Array.isArray(problem?.errors) ? problem.errors : [];
  return errors.some(
    (error) =>
      typeof error === "object" &&
      error !== null &&
      "pointer" in error &&
      error.pointer === "/header/time-zone",
  );
}

/** What is for who makes requests, not for who clicks. */
const TO_A_PROGRAM = /[^.;]*Idempotency-Key[^.]*\.?$/;

/** A bad gateway's page of HTML says nothing to a person. */
function unreadable(status: number): string {
  return status >= 502 && status <= 504 ? api.network : api.unreadable(status);
}

function wordsOf(
  problem: Problem,
  code: string,
  retryAfterMs: number | null,
  origin: string,
): string {
  // Where the detail speaks to a program, not to a person.
  switch (code) {
    case "unauthenticated":
      return api.signedOut;
    case "origin_not_allowed":
      return api.origin(origin);
    case "conversation_not_found":
      return api.conversationGone;
    case "budget_used_up":
      // Its detail names the time as the server has it.
      return api.budget(retryAfterMs === null ? null : momentAfter(retryAfterMs));
    case "deadline_exceeded":
      if (problem.turn_id === undefined) return api.timeout;
  }
  const said = text(problem.detail) ?? text(problem.message) ?? text(problem.title);
  const detail = said === null ? api.internal : sentence(said.replace(TO_A_PROGRAM, api.again));
  switch (code) {
    case "invalid_request": {
      const field = firstField(problem.errors);
      return field === null ? detail : `${detail} ${api.field(field)}`;
    }
    case "internal_error": {
      const trace = text(problem.trace_id);
      const words = problem.turn_id === undefined ? api.internal : detail;
      return trace === null ? words : `${words} ${api.report(trace)}`;
    }
    case "rate_limited":
    case "overloaded":
    case "service_unavailable":
      return retryAfterMs === null || /try again in/i.test(detail)
        ? detail
        : `${detail} ${waitWords(retryAfterMs)}`;
    default:
      return detail;
  }
}

function waitWords(milliseconds: number): string {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
  return seconds < 120 ? api.wait(seconds) : api.waitMinutes(Math.ceil(seconds / 60));
}

function firstField(errors: unknown): string | null {
  const first: unknown = Array.isArray(errors) ? errors[0] : null;
  return typeof first === "object" && first !== null && "message" in first
    ? text(first.message)
    : null;
}

/** Seconds, or a date: RFC 9110 section 10.2.3. */
export function readRetryAfter(value: string | null): number | null {
  if (value === null || value.trim() === "") return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}

/** Better Auth's have no full stop. */
function sentence(words: string): string {
  return /[.!?…]$/.test(words) ? words : `${words}.`;
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
