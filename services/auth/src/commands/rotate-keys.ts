/**
 * Rotation of the signing key, in two steps: `publish`, and `activate` a while later; and `revoke`
 * for a key that leaked. Needs the database's owner, as migrations do. The audit goes to stderr.
 * Exit status: 0 done, 1 refused or failed, 2 wrong settings or arguments.
 */
import { createDatabase } from "../database/database.ts";
import { FRESH_SECONDS } from "../keys/jwks.ts";
import { auditKeyChange, type KeyChange } from "../keys/key-changes.ts";
import { createRotation, type Rotation, VERIFIER_SECONDS } from "../keys/keys.ts";
import { EXIT_CODE_WRONG_SETTINGS, orExit } from "../settings/setting-reading.ts";
import { readRotationSettings } from "../settings/settings.ts";
import { createAuditLog } from "../telemetry/audit.ts";
import { createLog } from "../telemetry/logs.ts";

const USAGE = "usage: rotate-keys publish | activate [--force] | revoke <kid>\n";
const REVOKED =
  `refused everywhere within ${FRESH_SECONDS + VERIFIER_SECONDS} s, ` +
  "at once by processes that are restarted";

interface Report {
  done: boolean;
  words: string;
  /** For the audit. */
  changes?: [KeyChange, string][];
}

/** Do one step, and say to an operator what happened and what is next. */
function step(rotation: Rotation, words: readonly string[]): Promise<Report> | null {
  const [name, argument, ...more] = words;
  if (more.length > 0) return null;
  if (name === "publish" && argument === undefined) return publish(rotation);
  if (name === "activate" && (argument ?? "--force") === "--force") {
    return activate(rotation, argument !== undefined);
  }
  if (name === "revoke" && argument !== undefined) return revoke(rotation, argument);
  return null;
}

async function publish(rotation: Rotation): Promise<Report> {
  const { kid, already, activeInSeconds } = await rotation.publish();
  const words = already ? "is waiting already" : "is published and signs nothing yet";
  return {
    done: true,
    words: `key ${kid} ${words}; activate it in ${activeInSeconds} s`,
    changes: already ? [] : [["published", kid]],
  };
}

async function activate(rotation: Rotation, force: boolean): Promise<Report> {
  const activation = await rotation.activate({ force });
  switch (activation.outcome) {
    case "activated": {
      const { kid, removed } = activation;
      const gone = force ? `revoked, ${REVOKED}` : "removed";
      return {
        done: true,
        words: `key ${kid} signs from now on; ${removed.length} old keys ${gone}`,
        changes: [["activated", kid], ...changed(force ? "revoked" : "removed", removed)],
      };
    }
    case "too_early": {
      const { kid, activeInSeconds } = activation;
      const words = `key ${kid} is not known everywhere yet; activate it in ${activeInSeconds} s`;
      return { done: false, words: `${words}, or at once with --force if the old key leaked` };
    }
    case "nothing_published":
      return { done: false, words: "no key is waiting; publish one first" };
  }
}

async function revoke(rotation: Rotation, kid: string): Promise<Report> {
  const revocation = await rotation.revoke(kid);
  if (revocation.outcome === "unknown") {
    return { done: false, words: "no key has this id; GET /api/auth/jwks lists them" };
  }
  const next = revocation.next === null ? "" : `; key ${revocation.next} signs from now on`;
  return {
    done: true,
    words: `key ${kid} is revoked, ${REVOKED}${next}`,
    changes: [
      ...changed("revoked", [kid]),
      ...changed("activated", revocation.next === null ? [] : [revocation.next]),
    ],
  };
}

function changed(change: KeyChange, kids: readonly string[]): [KeyChange, string][] {
  return kids.map((kid) => [change, kid]);
}

// biome-ignore lint/style/noProcessEnv: the one place where this command's settings are read
const settings = orExit(readRotationSettings(process.env));
const log = createLog(settings.logLevel, "auth.rotate-keys", (line) => process.stderr.write(line));
const database = createDatabase(settings.directUrl, log);

try {
  const taken = step(createRotation(settings, database), process.argv.slice(2));
  if (taken === null) {
    process.exitCode = EXIT_CODE_WRONG_SETTINGS;
    process.stderr.write(USAGE);
  } else {
    const { done, words, changes = [] } = await taken;
    const auditLog = createAuditLog(log, settings.secret);
    for (const [change, kid] of changes) auditKeyChange(auditLog, change, kid);
    process.exitCode = Number(!done);
    process.stdout.write(`${words}\n`);
  }
} catch (error) {
  log("ERROR", error instanceof Error ? error.message : "key rotation failed");
  process.exitCode = 1;
} finally {
  await database.end();
}
