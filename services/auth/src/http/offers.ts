/** What a page asks before it shows anything: which of the paths that can be off are on. */
import type { ServiceSettings } from "../settings/settings.ts";

/** `GET /api/auth/options`, public: the same for everybody. */
export interface Offers {
  /** Addresses are confirmed and passwords reset by mail. */
  mail: boolean;
  /** A person may ask for a second factor. */
  secondFactor: boolean;
  /** A person may take their data with them and close their account. */
  erasure: boolean;
  /** Development only: where the mails of this service can be read, or null. */
  mailboxUrl: string | null;
}

/** What this service offers. */
export function offers({ mail, mailboxUrl, parts }: ServiceSettings): Offers {
  return { mail: mail !== null, secondFactor: true, erasure: parts !== null, mailboxUrl };
}
