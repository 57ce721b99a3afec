/** What is measured deep inside, said to whoever listens: the server's metrics, and nobody else. */
import { channel } from "node:diagnostics_channel";

export interface Measurement {
  what: "password_hash" | "connection_wait" | "oldest_erasure";
  seconds: number;
  /** Whether it came to nothing. */
  failed: boolean;
}

const said = channel("taskchat:measurement");

/** Hear of everything that is measured in this process from now on. */
export function listen(hear: (measurement: Measurement) => void): void {
  said.subscribe((message) => hear(message as Measurement));
}

/** Say a number of seconds that was found, not waited for. */
export function found(what: Measurement["what"], seconds: number): void {
  said.publish({ what, seconds, failed: false });
}

/** Do work, and say how long it took. */
export async function measured<T>(what: Measurement["what"], work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  let failed = true;
  try {
    const result = await work();
    failed = false;
    return result;
  } finally {
    said.publish({ what, seconds: (performance.now() - start) / 1000, failed });
  }
}
