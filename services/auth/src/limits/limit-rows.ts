/** The counters of limits in the database, for all replicas: each question is one statement. */
import type { Database } from "../database/database.ts";
import { queried } from "../database/queries.ts";

/** So many in so many seconds: all at once if nobody came before, and evenly for ever. */
export interface Rate {
  most: number;
  seconds: number;
}

/** Nothing, or how long to wait. */
export type Wait = { seconds: number } | null;

/** Wrong passwords of an account that cost nothing: people mistype. */
const FREE_GUESSES = 5;
/** The longest wait, so that a stranger who guesses for hours keeps nobody out for longer. */
const LONGEST_WAIT_SECONDS = 60;
/** An account whose passwords nobody tried for so long begins anew. */
const GUESSES_FORGOTTEN = "interval '1 day'";
/** From where somebody signed in, they are not made to wait for what strangers tried. */
const PLACE_KNOWN = "interval '90 days'";

/**
 * `limited_rate`: when a key will have been quiet, at its rate (GCRA, ITU-T I.371). `guess`: tries
 * of an account's password, or of one account from one place. Unlogged: a crash forgives.
 * A row says nothing once its `until`, or `forget_at`, has passed.
 */
export const LIMIT_TABLES: readonly string[] = [
  `create unlogged table if not exists auth.limited_rate (
     key text primary key, until timestamptz not null, passed boolean not null)`,
  `create unlogged table if not exists auth.guess (
     key text primary key, tries integer not null, tried_at timestamptz not null,
     until timestamptz not null, passed boolean not null, known_until timestamptz)`,
];

/** Rows that say nothing any more; `$1` is how many to take at most. For whoever cleans up. */
export const FORGET_LIMITS: readonly string[] = [
  `delete from auth.limited_rate where key in
     (select key from auth.limited_rate where until < now() limit $1)`,
  `delete from auth.guess where key in
     (select key from auth.guess where tried_at < now() - ${GUESSES_FORGOTTEN}
        and coalesce(known_until, '-infinity') < now() limit $1)`,
];

export interface LimitRows {
  /** Count one more of a key, unless its rate is used up. */
  pass(key: string, rate: Rate): Promise<Wait>;
  /** Take back what was counted of a key by one `pass`. */
  giveBack(key: string, rate: Rate): Promise<void>;
  /** Whether the account has signed in at a place, not too long ago. */
  knows(place: string): Promise<boolean>;
  /**
   * Count one more try of an account's password, unless it has to wait. From a place that is known
   * only the tries from there count.
   */
  guess(account: string, place: string): Promise<Wait>;
  /** The password was right: the account begins anew, and the place is known. */
  guessed(account: string, place: string): Promise<void>;
}

const PASS = `
  insert into auth.limited_rate as r (key, until, passed)
  values ($1, now() + $2::float8 * interval '1 second', true)
  on conflict (key) do update set
    passed = greatest(r.until, now()) + $2::float8 * interval '1 second'
             <= now() + $3::float8 * interval '1 second',
    until = greatest(r.until, now()) + case
      when greatest(r.until, now()) + $2::float8 * interval '1 second'
           <= now() + $3::float8 * interval '1 second'
      then $2::float8 * interval '1 second' else interval '0' end
  returning passed, extract(epoch from until - now())::float8 + $2 - $3 as wait`;

const GIVE_BACK = `
  update auth.limited_rate set until = until - $2::float8 * interval '1 second' where key = $1`;

const KNOWS = `select 1 from auth.guess where key = $1 and known_until > now()`;

/** What the next try waits after so many: 1 s, 2 s, 4 s … */
const DELAY = (tries: string) =>
  `case when ${tries} < ${FREE_GUESSES} then interval '0' else
     least(${LONGEST_WAIT_SECONDS}, power(2, least(${tries}, 30) - ${FREE_GUESSES}))
       * interval '1 second' end`;

const TRIES = `(case when g.tried_at < now() - ${GUESSES_FORGOTTEN} then 1 else g.tries + 1 end)`;

const GUESS = `
  insert into auth.guess as g (key, tries, tried_at, until, passed)
  values (coalesce((select key from auth.guess where key = $2 and known_until > now()), $1),
          1, now(), now(), true)
  on conflict (key) do update set
    passed = g.until <= now(),
    tries = case when g.until <= now() then ${TRIES} else g.tries end,
    tried_at = case when g.until <= now() then now() else g.tried_at end,
    until = case when g.until <= now() then now() + ${DELAY(TRIES)} else g.until end
  returning passed, extract(epoch from until - now())::float8 as wait`;

const GUESSED = `
  with begun_anew as (delete from auth.guess where key = $1)
  insert into auth.guess (key, tries, tried_at, until, passed, known_until)
  values ($2, 0, now(), now(), true, now() + ${PLACE_KNOWN})
  on conflict (key) do update set tries = 0, until = now(), known_until = excluded.known_until`;

/** The counters of a database. */
export function createLimitRows(database: Database): LimitRows {
  const one = async (sql: string, parameters: unknown[]) =>
    (await queried(database, sql, parameters)).rows[0];
  const waitOf = (row: { passed: boolean; wait: number }): Wait =>
    row.passed ? null : { seconds: Math.max(1, Math.ceil(row.wait)) };

  return {
    pass: async (key, { most, seconds }) => waitOf(await one(PASS, [key, seconds / most, seconds])),
    giveBack: async (key, { most, seconds }) => {
      await one(GIVE_BACK, [key, seconds / most]);
    },
    knows: async (place) => (await one(KNOWS, [place])) !== undefined,
    guess: async (account, place) => waitOf(await one(GUESS, [account, place])),
    guessed: async (account, place) => {
      await one(GUESSED, [account, place]);
    },
  };
}
