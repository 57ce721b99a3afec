/**
 * Everything about a person as one JSON object, `taskchat-export/1`: docs/contract.md "Export and
 * erasure". Of this service: who they are and where they are signed in, no secret among it.
 */
import type { Database } from "../database/database.ts";
import { queried } from "../database/queries.ts";
import { type Errands, PART_NAMES, type PartName } from "./errands.ts";

/** Members of the export, by the part that they come from. */
const MEMBER: Readonly<Record<PartName, string>> = { "chat-gateway": "chat", "mcp-tools": "tasks" };

/** No hash, no token, no secret of a second factor. */
const OWN_PART = `
  select jsonb_build_object(
    'account', (select jsonb_build_object(
        'id', u.id, 'email', u.email, 'email_verified', u."emailVerified", 'name', u.name,
        'image', u.image, 'second_factor', coalesce(u."twoFactorEnabled", false),
        'created_at', u."createdAt", 'updated_at', u."updatedAt")
      from auth."user" u where u.id = $1),
    'sign_in_methods', (select coalesce(jsonb_agg(jsonb_build_object(
        'provider', a."providerId", 'created_at', a."createdAt", 'updated_at', a."updatedAt")
        order by a."createdAt"), '[]') from auth.account a where a."userId" = $1),
    'sessions', (select coalesce(jsonb_agg(jsonb_build_object(
        'id', s.id, 'ip_address', s."ipAddress", 'user_agent', s."userAgent",
        'created_at', s."createdAt", 'updated_at', s."updatedAt", 'expires_at', s."expiresAt")
        order by s."createdAt"), '[]') from auth.session s where s."userId" = $1)
  )::text as own`;

async function ownPart(database: Database, userId: string): Promise<string> {
  const { rows } = await queried(database, OWN_PART, [userId]);
  return String(rows[0]?.own);
}

/**
 * A person's export, written while it is read. Once it has begun, a failure cuts it off, which
 * leaves no whole JSON.
 *
 * @throws Error a service cannot be reached, so that there would be no whole export.
 */
export async function exportPerson(
  database: Database,
  errands: Errands,
  userId: string,
): Promise<ReadableStream<Uint8Array>> {
  const opened = PART_NAMES.map((name) => errands.export(name, userId));
  const settled = await Promise.allSettled(opened);
  const refused = settled.find((one) => one.status === "rejected");
  if (refused !== undefined) {
    for (const one of settled) if (one.status === "fulfilled") await one.value.cancel();
    throw refused.reason;
  }
  const bodies = await Promise.all(opened);
  const own = await ownPart(database, userId);
  return ReadableStream.from(pieces(own, bodies));
}

async function* pieces(
  own: string,
  bodies: readonly ReadableStream<Uint8Array>[],
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const head = { format: "taskchat-export/1", exported_at: new Date().toISOString() };
  // Both are objects: what the first closes with is what the second opens with.
  yield encoder.encode(`${JSON.stringify(head).slice(0, -1)},${own.slice(1, -1)}`);
  for (const [position, name] of PART_NAMES.entries()) {
    yield encoder.encode(`,"${MEMBER[name]}":`);
    yield* bodies[position] as unknown as AsyncIterable<Uint8Array>;
  }
  yield encoder.encode("}");
}
