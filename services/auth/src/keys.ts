/**
 * Signing keys and their rotation.
 *
 * A key is `waiting` (in the JWKS, signs nothing), then `signing`, then `retired` (in the JWKS for
 * as long as its tokens live). Better Auth signs with the key that has the newest `createdAt` and
 * no `expiresAt` in the past, and lists a key until `expiresAt` + grace. So, in its own columns:
 *
 *              createdAt            expiresAt
 *   waiting    the epoch            when it was published
 *   signing    when it was activated null
 *   retired    when it was activated when the next one was
 *
 * A waiting key does not sign for two reasons, so that no clock that is behind makes it sign.
 */
import { BetterAuthError } from "better-auth";
import { createJwk, resolveSigningKey } from "better-auth/plugins";
import { type Auth, graceSeconds, jwtOptions } from "./auth.ts";
import type { Connection, Database } from "./database.ts";
import { FRESH_SECONDS } from "./jwks.ts";
import type { ServiceSettings } from "./settings.ts";

/** max-age of the JWKS answer, and how long a verifier keeps keys before it asks again. */
export const JWKS_MAX_AGE_SECONDS = 300;

/**
 * The longest way of a new key: this service's copy, a shared HTTP cache (the edge), a verifier.
 * An edge that meets an unknown key refuses it until its cache runs out, so we wait that long.
 */
export const PUBLICATION_SECONDS = FRESH_SECONDS + 2 * JWKS_MAX_AGE_SECONDS;

/** Any number that no other part of the system uses for a lock. */
const LOCK = 7_236_501_148;

const EPOCH = `'epoch'::timestamptz`;
const LIVE = `("expiresAt" is null or "expiresAt" > now())`;

export interface Keys {
  /**
   * Make the first key, unless there is one. Safe when several processes start at once.
   * Returns whether this process can sign: not when another secret encrypted the key.
   */
  ensureSigningKey(): Promise<boolean>;
  /** Put a new key into the JWKS, or tell of the one that waits already. */
  publish(): Promise<Publication>;
  /** Let the waiting key sign and retire the others, which are removed when nobody needs them. */
  activate(options: { force: boolean }): Promise<Activation>;
}

export interface Publication {
  kid: string;
  /** Whether it waited before. */
  already: boolean;
  /** Seconds until every verifier has it. */
  activeInSeconds: number;
}

export type Activation =
  | { outcome: "activated"; kid: string; removed: number }
  | { outcome: "too_early"; kid: string; activeInSeconds: number }
  | { outcome: "nothing_published" };

/** The keys of a database, encrypted with the settings' secret. */
export function createKeys(settings: ServiceSettings, database: Database, auth: Auth): Keys {
  const grace = `interval '${graceSeconds(settings.jwtLifetimeSeconds)} seconds'`;

  /** The part of an endpoint's context that Better Auth's functions on keys use. */
  async function endpointContext() {
    return { context: await auth.$context } as Parameters<typeof createJwk>[0];
  }

  async function canSign(): Promise<boolean> {
    try {
      await resolveSigningKey(await endpointContext(), jwtOptions(settings));
      return true;
    } catch (error) {
      // What Postgres or the network says is of another class.
      if (error instanceof BetterAuthError) return false;
      throw error;
    }
  }

  /** A new key pair, in one statement. */
  async function insertKey(connection: Connection, createdAt: string, expiresAt: string) {
    const key = await createJwk(await endpointContext(), {
      ...jwtOptions(settings),
      adapter: {
        createJwk: async (data) => {
          const inserted = await connection.query(
            `insert into auth.jwks ("publicKey", "privateKey", alg, crv, "createdAt", "expiresAt")
             values ($1, $2, $3, $4, ${createdAt}, ${expiresAt}) returning id`,
            [data.publicKey, data.privateKey, data.alg, data.crv],
          );
          return { ...data, id: String(inserted.rows[0]?.id) };
        },
      },
    });
    return key.id;
  }

  /** The key that waits and is still in the JWKS, with its age. */
  async function waitingKey(connection: Connection) {
    const found = await connection.query(
      `select id, extract(epoch from now() - "expiresAt")::int as age_seconds from auth.jwks
       where "createdAt" = ${EPOCH} and "expiresAt" > now() - ${grace}`,
      [],
    );
    const row: { id: string; age_seconds: number } | undefined = found.rows[0];
    if (row === undefined) return null;
    return { kid: row.id, activeInSeconds: Math.max(0, PUBLICATION_SECONDS - row.age_seconds) };
  }

  /** Do one thing to the keys while nobody else does. A transaction's lock passes poolers. */
  async function locked<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await database.connect();
    try {
      await connection.query("begin", []);
      await connection.query("select pg_advisory_xact_lock($1)", [LOCK]);
      const result = await work(connection);
      await connection.query("commit", []);
      return result;
    } catch (error) {
      // On a lost connection there is nothing to roll back, and the first error is the reason.
      await connection.query("rollback", []).catch(() => undefined);
      throw error;
    } finally {
      connection.release();
    }
  }

  return {
    ensureSigningKey: async () => {
      await locked(async (connection) => {
        const live = await connection.query(`select 1 from auth.jwks where ${LIVE} limit 1`, []);
        if (live.rows.length === 0) await insertKey(connection, "now()", "null");
      });
      return canSign();
    },

    publish: () =>
      locked(async (connection) => {
        const waiting = await waitingKey(connection);
        if (waiting !== null) return { ...waiting, already: true };
        const kid = await insertKey(connection, EPOCH, "now()");
        return { kid, already: false, activeInSeconds: PUBLICATION_SECONDS };
      }),

    activate: ({ force }) =>
      locked(async (connection): Promise<Activation> => {
        const waiting = await waitingKey(connection);
        if (waiting === null) return { outcome: "nothing_published" };
        const { kid, activeInSeconds } = waiting;
        if (activeInSeconds > 0 && !force) return { outcome: "too_early", kid, activeInSeconds };
        await connection.query(
          `update auth.jwks set "expiresAt" = now() where "expiresAt" is null`,
          [],
        );
        await connection.query(
          `update auth.jwks set "createdAt" = now(), "expiresAt" = null where id = $1`,
          [kid],
        );
        const removed = await connection.query(
          `delete from auth.jwks where "expiresAt" < now() - ${grace}`,
          [],
        );
        return { outcome: "activated", kid, removed: removed.rowCount ?? 0 };
      }),
  };
}
