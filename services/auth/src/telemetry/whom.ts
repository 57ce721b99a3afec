/** Whose account a request is about, as Better Auth comes to know it: for the audit. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { BetterAuthOptions } from "better-auth";
import type { HookContext } from "../accounts/hooks.ts";

/** Filled in while a request is answered. */
export interface Whom {
  userId: string | undefined;
}

const current = new AsyncLocalStorage<Whom>();

/** Do work, and learn whose account it was about. */
export async function learningWhom(work: (whom: Whom) => Promise<void>): Promise<void> {
  const whom: Whom = { userId: undefined };
  await current.run(whom, () => work(whom));
}

/** Say whose account the request that is being answered is about. The first word counts. */
export function itIs(userId: string | undefined): void {
  const whom = current.getStore();
  if (whom !== undefined) whom.userId ??= userId;
}

/** Whose account the request that is being answered is about, as far as that is known. */
export function whoItIs(): string | undefined {
  return current.getStore()?.userId;
}

/** After each endpoint: it had a session, or has made one. */
export function whoseSession({ context }: HookContext): Promise<void> {
  itIs((context.session ?? context.newSession)?.user.id);
  return Promise.resolve();
}

/** Better Auth gives the row that was written, or for several of them their number, or nothing. */
function naming(member: "id" | "userId") {
  return (row: unknown): Promise<void> => {
    const id = typeof row === "object" && row !== null ? Reflect.get(row, member) : undefined;
    if (typeof id === "string") itIs(id);
    return Promise.resolve();
  };
}
const user = naming("id");
const itsOwner = naming("userId");

/** What an endpoint changes tells whose it is, where nobody is signed in: a reset, a proved address. */
export const whoseRows = {
  user: { create: { after: user }, update: { after: user }, delete: { before: user } },
  session: { create: { after: itsOwner }, delete: { before: itsOwner } },
  account: { update: { after: itsOwner } },
} satisfies NonNullable<BetterAuthOptions["databaseHooks"]>;
