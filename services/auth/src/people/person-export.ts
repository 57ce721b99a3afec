/**
 * Everything about a person as one JSON object, `taskchat-export/1`: docs/contract.md "Export and
 * erasure". Of this service: who they are and where they are signed in, no secret among it.
 */
import type { Database } from "../database/database.ts";
import { queried } from "../database/queries.ts";
import { type Errands, PART_NAMES, type PartName } from "./errands.ts";

/** As the services': `EXPORT_SECONDS` of servicekit. */
const EXPORT_LIMIT_MS = 300_000;
/** As the services': how long a reader may take nothing, `TAKING_SECONDS` of servicekit. */
const TAKING_LIMIT_MS = 30_000;
/** How long a part waits for those before it: its service cuts it off after `TAKING_SECONDS`. */
const HELD_LIMIT_MS = TAKING_LIMIT_MS / 2;

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

/** Why an export ended where it was. */
export class ExportCutOff extends Error {
  constructor(why: string) {
    super(`export cut off: ${why}`);
    this.name = "ExportCutOff";
  }
}

/**
 * A person's export, written while it is read. Once it has begun, a failure cuts it off, and so
 * does a reader who takes nothing of it for long: that leaves no whole JSON.
 *
 * @param onEnd called once, when it was read to its end or nothing more of it will be.
 * @throws Error a service cannot be reached, so that there would be no whole export. PartRefused
 *   with status 429: an export of this person is being written there.
 */
export async function exportPerson(
  database: Database,
  errands: Errands,
  userId: string,
  onEnd: () => void = () => undefined,
): Promise<ReadableStream<Uint8Array>> {
  const over = new AbortController();
  const late = setTimeout(() => over.abort(new ExportCutOff("too long")), EXPORT_LIMIT_MS);
  over.signal.addEventListener("abort", () => {
    clearTimeout(late);
    onEnd();
  });
  try {
    const parts = await Promise.all(
      PART_NAMES.map((name) =>
        begunPart((until) => errands.export(name, userId, until), over.signal),
      ),
    );
    return takenInTime(pieces(await ownPart(database, userId), parts), over);
  } catch (error) {
    over.abort(error);
    throw error;
  }
}

type Body = ReadableStream<Uint8Array>;

/**
 * A part that has begun, so that all of them can be had; called when its turn comes. Where that is
 * long in coming it is let go, with what its service keeps for it, and begun anew then.
 */
async function begunPart(
  begin: (until: AbortSignal) => Promise<Body>,
  over: AbortSignal,
): Promise<() => Promise<Body>> {
  const letGo = new AbortController();
  const body = await begin(AbortSignal.any([over, letGo.signal]));
  const held = setTimeout(() => letGo.abort(), HELD_LIMIT_MS);
  over.addEventListener("abort", () => clearTimeout(held));
  return () => {
    clearTimeout(held);
    return letGo.signal.aborted ? begin(over) : Promise.resolve(body);
  };
}

/** A stream that ends, and everything behind it too, when `over` is aborted, or aborts it. */
function takenInTime(
  written: AsyncGenerator<Uint8Array>,
  over: AbortController,
): ReadableStream<Uint8Array> {
  let untaken: NodeJS.Timeout | undefined;
  const waitForReader = () => {
    const why = new ExportCutOff("its reader took nothing");
    untaken = setTimeout(() => over.abort(why), TAKING_LIMIT_MS);
  };
  const source: ConstructorParameters<typeof ReadableStream<Uint8Array>>[0] = {
    start: (controller) => {
      // After the end, which aborts too, there is nobody whom it could be told.
      over.signal.addEventListener("abort", () => {
        clearTimeout(untaken);
        controller.error(over.signal.reason);
      });
      waitForReader();
    },
    pull: async (controller) => {
      clearTimeout(untaken);
      try {
        const { done, value } = await written.next();
        if (over.signal.aborted) return;
        if (done) {
          controller.close();
          over.abort();
        } else {
          controller.enqueue(value);
          waitForReader();
        }
      } catch (error) {
        over.abort(error);
      }
    },
    cancel: () => over.abort(),
  };
  // Nothing is read ahead: a piece that is asked for is the proof that the last one was taken.
  return new ReadableStream(source, { highWaterMark: 0 });
}

async function* pieces(
  own: string,
  parts: readonly (() => Promise<Body>)[],
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const head = { format: "taskchat-export/1", exported_at: new Date().toISOString() };
  // Both are objects: what the first closes with is what the second opens with.
  yield encoder.encode(`${JSON.stringify(head).slice(0, -1)},${own.slice(1, -1)}`);
  for (const [position, name] of PART_NAMES.entries()) {
    yield encoder.encode(`,"${MEMBER[name]}":`);
    yield* (await parts[position]?.()) as unknown as AsyncIterable<Uint8Array>;
  }
  yield encoder.encode("}");
}
