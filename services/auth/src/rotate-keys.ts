/**
 * Rotation of the signing key, in two steps: `publish`, and `activate` a while later.
 * Exit status: 0 done, 1 refused or failed, 2 wrong settings or arguments.
 */
import { createAuth } from "./auth.ts";
import { createDatabase } from "./database.ts";
import { createKeys, type Keys } from "./keys.ts";
import { createLog } from "./logs.ts";
import { EXIT_CODE_WRONG_SETTINGS, orExit, readServiceSettings } from "./settings.ts";

const USAGE = "usage: rotate-keys publish | activate [--force]\n";

interface Report {
  done: boolean;
  words: string;
}

/** Do one step, and say to an operator what happened and what is next. */
async function step(keys: Keys, name: string, force: boolean): Promise<Report | null> {
  if (name === "publish" && !force) {
    const { kid, already, activeInSeconds } = await keys.publish();
    const words = already ? "is waiting already" : "is published and signs nothing yet";
    return { done: true, words: `key ${kid} ${words}; activate it in ${activeInSeconds} s` };
  }
  if (name !== "activate") return null;
  const activation = await keys.activate({ force });
  switch (activation.outcome) {
    case "activated": {
      const { kid, removed } = activation;
      return { done: true, words: `key ${kid} signs from now on; ${removed} old keys removed` };
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

// biome-ignore lint/style/noProcessEnv: the one place where this command's settings are read
const settings = orExit(readServiceSettings(process.env));
const log = createLog(settings.logLevel, "auth.rotate-keys", (line) => process.stderr.write(line));
const database = createDatabase(settings.databaseUrl, log);
const keys = createKeys(settings, database, createAuth(settings, database, log));
const [name = "", ...flags] = process.argv.slice(2);
const force = flags.includes("--force");

try {
  const known = flags.every((flag) => flag === "--force");
  const report = known ? await step(keys, name, force) : null;
  process.exitCode = report === null ? EXIT_CODE_WRONG_SETTINGS : Number(!report.done);
  if (report === null) process.stderr.write(USAGE);
  else process.stdout.write(`${report.words}\n`);
} catch (error) {
  log("ERROR", error instanceof Error ? error.message : "key rotation failed");
  process.exitCode = 1;
} finally {
  await database.end();
}
