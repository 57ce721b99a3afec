/** The address that rate limits count: never one that the client could choose. */
import { isIP } from "node:net";

/** Better Auth reads the address from here. What a client sends under this name is overwritten. */
export const CLIENT_ADDRESS_HEADER = "x-taskchat-client-address";

/**
 * Set the client's address in the headers of a request.
 *
 * It is the one address in the edge's header when there is such a header in the settings, and the
 * socket's otherwise. A header that holds a list is not the edge's (which overwrites), so the
 * socket's address counts then as well.
 */
export function setClientAddress(
  headers: Headers,
  edgeHeader: string | null,
  socketAddress: string | undefined,
): void {
  const fromEdge = edgeHeader === null ? "" : (headers.get(edgeHeader) ?? "").trim();
  const address = isIP(fromEdge) === 0 ? socketAddress : fromEdge;
  if (address === undefined) headers.delete(CLIENT_ADDRESS_HEADER);
  else headers.set(CLIENT_ADDRESS_HEADER, address);
}
