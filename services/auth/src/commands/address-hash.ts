/**
 * The audit's hash of an e-mail address, for who looks for somebody in the logs.
 * Exit status: 0 printed, 2 wrong settings or arguments.
 */

import { exitWith, orExit } from "../settings/setting-reading.ts";
import { readServiceSettings } from "../settings/settings.ts";
import { addressHash, createAuditLog } from "../telemetry/audit.ts";

const address = process.argv[2];
if (address === undefined || process.argv.length > 3) exitWith(["usage: address-hash <address>"]);
// biome-ignore lint/style/noProcessEnv: the one place where this command's settings are read
const { secret } = orExit(readServiceSettings(process.env));
const hash = addressHash(
  createAuditLog(() => undefined, secret),
  address,
);
process.stdout.write(`${hash}\n`);
