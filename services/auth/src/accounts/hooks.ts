/** What is ours before and after Better Auth's endpoints: it takes one function for each. */
import { createAuthMiddleware } from "better-auth/api";

type Middleware = ReturnType<typeof createAuthMiddleware>;
/** The endpoint's context: its `path`, `body`, `context.newSession`. */
export type HookContext = Parameters<Parameters<typeof createAuthMiddleware>[0]>[0];
/**
 * One concern; it looks at the context's path itself.
 *
 * Before an endpoint it may return `{context: {body}}`, which takes the place of what was sent.
 *
 * @throws APIError a refusal, in the words that Better Auth's clients read.
 */
export type Hook = (context: HookContext) => Promise<unknown>;

/** Hooks in their order; what a later one returns wins. */
export function inTurn(hooks: readonly Hook[]): Middleware {
  return createAuthMiddleware(async (context) => {
    let changed: unknown;
    for (const hook of hooks) changed = (await hook(context)) ?? changed;
    return changed;
  });
}
