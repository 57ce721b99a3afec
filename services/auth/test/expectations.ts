/** What many tests say: a service for a group of tests, and an answer that is a problem. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { migratedDatabase, type TestDatabase } from "./databases.ts";
import { readyService, type Service, type Variables } from "./service.ts";

interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: string;
}

/** Check that an answer is the problem, whole, and return it. */
export async function assertProblem(
  answer: Response,
  status: number,
  code: string,
): Promise<ProblemBody> {
  assert.equal(answer.status, status);
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  const body = (await answer.json()) as ProblemBody;
  assert.equal(body.status, status);
  assert.equal(body.code, code);
  assert.ok(body.detail.length > 0);
  assert.equal(body.type, `urn:taskchat:problem:${code}`);
  assert.equal(body.instance, new URL(answer.url).pathname);
  return body;
}

/** A service on a database of its own, for a group of tests. */
export function serviceFor(more?: Variables) {
  const found = {} as { service: Service; database: TestDatabase };
  before(async () => {
    found.database = await migratedDatabase();
    found.service = await readyService(found.database.serviceUrl, more);
  });
  after(() => found.service.stop());
  return found;
}
