/** What puts exports and erasures together; it and Better Auth need each other. */
import type { Auth } from "../accounts/auth.ts";
import type { Database } from "../database/database.ts";
import type { ServiceSettings } from "../settings/settings.ts";
import type { Log } from "../telemetry/logs.ts";
import { createErasures } from "./erasures.ts";
import { createErrands, type Errands } from "./errands.ts";
import type { OwnData } from "./own-data.ts";

export interface People {
  /** For Better Auth; null: the settings name no services, so there is neither. */
  own: OwnData | null;
  /** Once Better Auth is there, which signs the errands' tokens. */
  use(auth: Auth): void;
  /** Go on with erasures that are due, until the signal. */
  erase(signal: AbortSignal): Promise<void>;
}

/** Exports and erasures as the settings want them; `log` says so when they are off. */
export function createPeople(settings: ServiceSettings, database: Database, log: Log): People {
  const urls = settings.parts;
  if (urls === null) {
    log("WARNING", "nobody can export or erase their data: set CHAT_GATEWAY_URL and MCP_TOOLS_URL");
    return { own: null, use: () => undefined, erase: () => Promise.resolve() };
  }
  let errands: Errands | undefined;
  const found = () => {
    if (errands === undefined) throw new Error("asked before Better Auth was there");
    return errands;
  };
  const erasures = createErasures(database, log);
  return {
    own: { database, erasures, errands: found, log },
    use: (auth) => {
      errands = createErrands(urls, settings, auth);
    },
    erase: (signal) => erasures.run(found(), signal),
  };
}
