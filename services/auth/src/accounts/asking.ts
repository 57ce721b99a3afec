/** Who asks, for hooks before an endpoint: it finds the session itself, later. */
import { getSessionFromCtx } from "better-auth/api";
import type { HookContext } from "./hooks.ts";

type Asking = NonNullable<Awaited<ReturnType<typeof getSessionFromCtx>>>;

/**
 * A cookie's session, or a bearer's, which that plugin reads only after our hooks; null: nobody's.
 * The signature of a bearer's is the endpoint's to check.
 */
export async function whoAsks(context: HookContext): Promise<Asking | null> {
  const session = await getSessionFromCtx(context);
  const [, token] = /^bearer ([^.]+)\./i.exec(context.headers?.get("authorization") ?? "") ?? [];
  if (session !== null || token === undefined) return session;
  return await context.context.internalAdapter.findSession(token);
}
