import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CLIENT_ADDRESS_HEADER, setClientAddress } from "./client-address.ts";

function address(sent: Record<string, string>, edgeHeader: string | null, socket?: string) {
  const headers = new Headers(sent);
  setClientAddress(headers, edgeHeader, socket);
  return headers.get(CLIENT_ADDRESS_HEADER);
}

describe("the client's address", () => {
  const spoofed = { [CLIENT_ADDRESS_HEADER]: "192.0.2.1", "x-real-ip": "192.0.2.2" };

  it("is the socket's when no edge is trusted, whatever was sent", () => {
    assert.equal(address(spoofed, null, "198.51.100.7"), "198.51.100.7");
  });

  it("is none when there is no socket, whatever was sent", () => {
    assert.equal(address(spoofed, null), null);
  });

  it("is the edge's when there is one", () => {
    assert.equal(address(spoofed, "x-real-ip", "10.0.0.1"), "192.0.2.2");
  });

  for (const value of ["", "192.0.2.2, 192.0.2.3", "unknown", "192.0.2.2:1234"]) {
    it(`is the socket's when the edge's header holds '${value}'`, () => {
      assert.equal(address({ "x-real-ip": value }, "x-real-ip", "10.0.0.1"), "10.0.0.1");
    });
  }
});
