/**
 * Bounds on the price of passwords: a hash takes 40 ms of a core and 19 MiB.
 *
 * Node does them in the same few threads (four) as the signatures of tokens, so a flood of sign-ins
 * would make everybody's `/token` wait behind it. Two bounds, because a sign-up that waits inside
 * Better Auth holds a database connection:
 * - `bounded`: hashes that are computed at once; others wait, and are never refused.
 * - `passwordGate`: requests that may come to a hash at all; refused before anything is asked.
 */
import { availableParallelism } from "node:os";
import { measured } from "../telemetry/measurements.ts";

/** Half of Node's threads: the other half signs tokens meanwhile. */
const HASHES_AT_ONCE = Math.max(1, Math.min(2, availableParallelism() - 1));
/** Two hashing, two at their queries; six of the ten connections are left to everybody else. */
const REQUESTS_AT_ONCE = 4;
/** What two cores hash in about three seconds: who comes later is told to come again. */
const REQUESTS_WAITING = 32;

/** Lets `atOnce` works run, `waiting` more wait in the order of their coming, and no other. */
export class Turnstile {
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(atOnce: number, mostWaiting: number) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /** Whether a work that comes now would be refused. */
  get full(): boolean {
    return this.#running >= this.#atOnce && this.#waiting.length >= this.#mostWaiting;
  }

  /**
   * Do the work when it is its turn. Ask `full` first.
   *
   * @throws Error it is full; and what the work throws.
   */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.full) throw new Error("nobody may wait here any more");
    if (this.#running >= this.#atOnce) await new Promise<void>((turn) => this.#waiting.push(turn));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      // The place is handed on, so that nobody who comes now can take it.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

const hashes = new Turnstile(HASHES_AT_ONCE, Number.POSITIVE_INFINITY);

/** Compute a password's hash, or compare with one, when few others do so. */
export function bounded<T>(work: () => Promise<T>): Promise<T> {
  return hashes.pass(() => measured("password_hash", work));
}

/** The way of the requests that come to a password's hash, for one process. */
export function passwordGate(): Turnstile {
  return new Turnstile(REQUESTS_AT_ONCE, REQUESTS_WAITING);
}
