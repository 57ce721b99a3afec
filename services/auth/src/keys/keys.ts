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
 * A waiting key does not sign for two reasons, so that no clock that is behind makes it sign. A
 * revoked key is deleted.
 *
 * Only the owner of the schema may change them (ADR 0029): the role that serves reads them, so a
 * key that it could plant does not exist.
 */
import { BetterAuthError } from "better-auth";
import { symmetricDecrypt } from "better-auth/crypto";
import { createJwk, resolveSigningKey } from "better-auth/plugins";
import { type Auth, graceSeconds, jwtOptions, KEY_PAIR } from "../accounts/auth.ts";
import type { Connection, Database } from "../database/database.ts";
import { inTransaction, queried } from "../database/queries.ts";
import type { RotationSettings, ServiceSettings } from "../settings/settings.ts";
import { FRESH_SECONDS } from "./jwks.ts";

/** max-age of the JWKS answer, for caches of HTTP between us and a verifier. */
export const JWKS_MAX_AGE_SECONDS = 60;

/** How long a verifier keeps keys before it asks again: servicekit's, and Envoy's longest. */
export const VERIFIER_SECONDS = 300;

/**
 * The longest way of a new key: this service's copy, a shared HTTP cache, a verifier. An edge that
 * meets an unknown key refuses it until its cache runs out, so we wait that long.
 */
export const PUBLICATION_SECONDS = FRESH_SECONDS + JWKS_MAX_AGE_SECONDS + VERIFIER_SECONDS;

/** Owns the schema and its tables; nobody can sign in as it. */
export const OWNER_ROLE = "auth_owner";

const EPOCH = `'epoch'::timestamptz`;
/** The key that Better Auth signs with. */
const SIGNING = `
  select id::text from auth.jwks where "expiresAt" is null or "expiresAt" > now()
  order by "createdAt" desc limit 1`;

export interface Rotation {
  /** Put a new key into the JWKS, or tell of the one that waits already. */
  publish(): Promise<Publication>;
  /**
   * Let the waiting key sign and retire the others, which are removed when nobody needs them; by
   * force at once, and the others are revoked.
   */
  activate(options: { force: boolean }): Promise<Activation>;
  /** Take a key out of the JWKS at once. If it signed, the waiting key or a new one does now. */
  revoke(kid: string): Promise<Revocation>;
}

export interface Publication {
  kid: string;
  /** Whether it waited before. */
  already: boolean;
  /** Seconds until every verifier has it. */
  activeInSeconds: number;
}

export type Activation =
  | { outcome: "activated"; kid: string /** Ids of the old keys. */; removed: string[] }
  | { outcome: "too_early"; kid: string; activeInSeconds: number }
  | { outcome: "nothing_published" };

export type Revocation =
  | {
      outcome: "revoked" /** The key that signs instead of it, if it signed. */;
      next: string | null;
    }
  | { outcome: "unknown" };

/** Whether the serving role's process can sign: there is a key, and our secret opens it. */
export async function canSign(
  settings: ServiceSettings,
  database: Database,
  auth: Auth,
): Promise<"yes" | "no_key" | "other_secret"> {
  if ((await signingKey(database)) === null) return "no_key";
  try {
    const context = { context: await auth.$context } as Parameters<typeof resolveSigningKey>[0];
    await resolveSigningKey(context, jwtOptions(settings));
    return "yes";
  } catch (error) {
    // What Postgres or the network says is of another class.
    if (error instanceof BetterAuthError) return "other_secret";
    throw error;
  }
}

/** The id of the key that signs, or null: there is none. */
export async function signingKey(database: Database): Promise<string | null> {
  const { rows } = await queried(database, SIGNING, []);
  return rows.length === 0 ? null : String(rows[0]?.id);
}

/**
 * Make the first key, unless there is one: its id, or null. Runs as the schema's owner, in its
 * transaction.
 */
export async function ensureSigningKey(
  connection: Connection,
  secret: string,
): Promise<string | null> {
  await lockKeys(connection);
  const live = await connection.query(SIGNING, []);
  return live.rows.length > 0 ? null : insertKey(connection, secret, "now()", "null");
}

/** Nobody else changes keys until the transaction ends. Who may only read cannot take this lock. */
async function lockKeys(connection: Connection): Promise<void> {
  await connection.query("lock table auth.jwks in share row exclusive mode", []);
}

/** A new key pair, in one statement. */
async function insertKey(
  connection: Connection,
  secret: string,
  createdAt: string,
  expiresAt: string,
): Promise<string> {
  // The part of an endpoint's context that this function uses.
  const context = { context: { secretConfig: secret } } as Parameters<typeof createJwk>[0];
  const key = await createJwk(context, {
    jwks: { keyPairConfig: KEY_PAIR },
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

/** Whether our secret opens a private key; false for one that was made with another. */
async function opens(secret: string, privateKey: string): Promise<boolean> {
  try {
    await symmetricDecrypt({ key: secret, data: JSON.parse(privateKey) });
    return true;
  } catch {
    return false;
  }
}

/** The rotation of a database's keys, over a way to it as its owner. */
export function createRotation(settings: RotationSettings, database: Database): Rotation {
  const { secret } = settings;
  const grace = `interval '${graceSeconds(settings.jwtLifetimeSeconds)} seconds'`;

  /** The key that waits, is still in the JWKS and can sign for us, with its age. */
  async function waitingKey(connection: Connection) {
    const found = await connection.query(
      `select id, "privateKey", extract(epoch from now() - "expiresAt")::int as age_seconds
       from auth.jwks where "createdAt" = ${EPOCH} and "expiresAt" > now() - ${grace}`,
      [],
    );
    for (const { id, privateKey, age_seconds } of found.rows) {
      if (!(await opens(secret, String(privateKey)))) continue;
      const activeInSeconds = Math.max(0, PUBLICATION_SECONDS - Number(age_seconds));
      return { kid: String(id), activeInSeconds };
    }
    return null;
  }

  async function letSign(connection: Connection, kid: string): Promise<void> {
    await connection.query(
      `update auth.jwks set "expiresAt" = now() where "expiresAt" is null`,
      [],
    );
    await connection.query(
      `update auth.jwks set "createdAt" = now(), "expiresAt" = null where id = $1`,
      [kid],
    );
  }

  /** Do one thing to the keys while nobody else does. A transaction's lock passes poolers. */
  function locked<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return inTransaction(database, async (connection) => {
      await connection.query(`set local role ${OWNER_ROLE}`, []);
      await lockKeys(connection);
      return work(connection);
    });
  }

  return {
    publish: () =>
      locked(async (connection) => {
        const waiting = await waitingKey(connection);
        if (waiting !== null) return { ...waiting, already: true };
        const kid = await insertKey(connection, secret, EPOCH, "now()");
        return { kid, already: false, activeInSeconds: PUBLICATION_SECONDS };
      }),

    activate: ({ force }) =>
      locked(async (connection): Promise<Activation> => {
        const waiting = await waitingKey(connection);
        if (waiting === null) return { outcome: "nothing_published" };
        const { kid, activeInSeconds } = waiting;
        if (activeInSeconds > 0 && !force) return { outcome: "too_early", kid, activeInSeconds };
        await letSign(connection, kid);
        // By force is after a leak: no key that signed before may be believed any more.
        const removed = await connection.query(
          force
            ? "delete from auth.jwks where id <> $1 returning id"
            : `delete from auth.jwks where id <> $1 and "expiresAt" < now() - ${grace} returning id`,
          [kid],
        );
        return { outcome: "activated", kid, removed: removed.rows.map(({ id }) => String(id)) };
      }),

    revoke: (kid) =>
      locked(async (connection): Promise<Revocation> => {
        const deleted = await connection.query("delete from auth.jwks where id::text = $1", [kid]);
        if (deleted.rowCount === 0) return { outcome: "unknown" };
        const live = await connection.query(SIGNING, []);
        if (live.rows.length > 0) return { outcome: "revoked", next: null };
        const waiting = await waitingKey(connection);
        if (waiting !== null) await letSign(connection, waiting.kid);
        const next = waiting?.kid ?? (await insertKey(connection, secret, "now()", "null"));
        return { outcome: "revoked", next };
      }),
  };
}
