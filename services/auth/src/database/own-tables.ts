/** Tables of the schema `auth` that are ours and not Better Auth's. */

import { LIMIT_TABLES } from "../limits/limit-rows.ts";
import { ERASURE_TABLE } from "../people/erasure-rows.ts";

/** What makes them, each statement safe to repeat; run by `migrate` as the schema's owner. */
export const OWN_TABLES: readonly string[] = [...ERASURE_TABLE, ...LIMIT_TABLES];
