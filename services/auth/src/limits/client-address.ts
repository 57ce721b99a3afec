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

/**
 * What limits count of an address: all of IPv4, the first 48 bits of IPv6. A /48 is what one site
 * gets (RFC 6177), with 65,536 networks to come from.
 */
export function addressPrefix(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || isIP(address) !== 6) return mapped ?? address;
  // The URL parser writes an address in its one shortest form, without a zone.
  const shortest = new URL(`http://[${address.split("%")[0]}]`).hostname.slice(1, -1);
  const [head = "", tail] = shortest.split("::");
  const groups = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  if (tail !== undefined) {
    while (groups.length + after.length < 8) groups.push("0");
  }
  return `${[...groups, ...after].slice(0, 3).join(":")}::/48`;
}
