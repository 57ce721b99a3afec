/** What a service has written to its audit. */
import type { Service } from "./service.ts";
import { until } from "./service.ts";

export type Line = Record<string, unknown>;

/** The audit of a service, oldest first; of one kind of event if that is named. */
export function auditOf(service: Service, event?: string): Line[] {
  return linesIn(service.output()).filter((line) => event === undefined || line.event === event);
}

function linesIn(output: string): Line[] {
  return output
    .split("\n")
    .filter((line) => line.includes('"security event"') && line.endsWith("}"))
    .map((line) => JSON.parse(line) as Line);
}

/** What an output has in its audit of the signing keys, each change as its reason and key. */
export function keyChangesIn(output: string): unknown[][] {
  return linesIn(output)
    .filter(({ event }) => event === "signing_key")
    .map(({ reason, key_id }) => [reason, key_id]);
}

/** The newest line of an event, once it has these members: a line may come after its answer. */
export async function told(service: Service, event: string, members: Line): Promise<Line> {
  let last: Line = {};
  await until(`${event} with ${JSON.stringify(members)}`, () => {
    last = auditOf(service, event).at(-1) ?? {};
    return Promise.resolve(Object.entries(members).every(([name, value]) => last[name] === value));
  });
  return last;
}
