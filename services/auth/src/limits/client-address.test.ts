import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addressPrefix, CLIENT_ADDRESS_HEADER, setClientAddress } from "./client-address.ts";

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

describe("what limits count of an address", () => {
  for (const [address, counted] of [
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["::FFFF:192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"],
    ["2001:0DB8:0001::", "2001:db8:1::/48"],
    ["2001:db8::7", "2001:db8:0::/48"],
    ["fe80::1%eth0", "fe80:0:0::/48"],
    ["::1", "0:0:0::/48"],
    ["::", "0:0:0::/48"],
    ["", ""],
  ] as const) {
    it(`is ${counted || "nothing"} of ${address || "none"}`, () => {
      assert.equal(addressPrefix(address), counted);
    });
  }
});
