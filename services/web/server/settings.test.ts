import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Environment, readSettings, type Settings } from "./settings.ts";

function complaints(environment: Environment): readonly string[] {
  const found = readSettings(environment);
  assert.ok("complaints" in found, "these settings were taken");
  return found.complaints;
}

function settings(environment: Environment): Settings {
  const found = readSettings(environment);
  assert.ok(!("complaints" in found), JSON.stringify(found));
  return found;
}

describe("settings that are refused, by a line that names the variable and an example", () => {
  const wrong: Environment[] = [
    { PORT: "x" },
    { PORT: "-1" },
    { PORT: "65536" },
    { HOST: "" },
    { LOG_LEVEL: "info" },
    { MODEL_IS_SIMULATED: "1" },
    { CHATKIT_DOMAIN_KEY: "a key; script-src *" },
    { AUTH_URL: "https://auth.example.com", GATEWAY_URL: "http://localhost:8000" },
    { AUTH_URL: "http://localhost:8001", GATEWAY_URL: "http://localhost:8000/" },
    { AUTH_URL: "http://localhost:8001", GATEWAY_URL: "http://localhost:8000/api" },
    { AUTH_URL: "http://name:secret@localhost:8001", GATEWAY_URL: "http://localhost:8000" },
  ];
  for (const environment of wrong) {
    test(JSON.stringify(environment), () => {
      const [line, ...more] = complaints(environment);

      const name = line?.split(" ")[0] ?? "";
      assert.ok(name in environment, line);
      assert.match(line ?? "", /is wrong: must .* Example: /);
      assert.deepEqual(more, []);
      assert.ok(!line?.includes("secret"), "the value is not repeated");
    });
  }

  test("one of two services alone", () => {
    assert.match(complaints({ AUTH_URL: "http://a" })[0] ?? "", /^GATEWAY_URL .* AUTH_URL is/);
    assert.match(complaints({ GATEWAY_URL: "http://a" })[0] ?? "", /^AUTH_URL .* GATEWAY_URL is/);
  });

  test("several at once", () => {
    assert.equal(complaints({ PORT: "x", LOG_LEVEL: "x" }).length, 2);
  });
});

test("nothing is required, and an empty variable counts as not set", () => {
  const usual: Settings = {
    host: "127.0.0.1",
    port: 3000,
    logLevel: "INFO",
    chatkitDomainKey: null,
    modelIsSimulated: false,
    services: null,
  };

  assert.deepEqual(settings({}), usual);
  assert.deepEqual(settings({ CHATKIT_DOMAIN_KEY: "", AUTH_URL: "", GATEWAY_URL: "" }), usual);
});

test("all of them", () => {
  const found = settings({
    HOST: "0.0.0.0",
    PORT: "8080",
    LOG_LEVEL: "ERROR",
    CHATKIT_DOMAIN_KEY: "domain_pk_0123",
    MODEL_IS_SIMULATED: "true",
    AUTH_URL: "http://localhost:8001",
    GATEWAY_URL: "http://localhost:8000",
  });

  assert.deepEqual(found, {
    host: "0.0.0.0",
    port: 8080,
    logLevel: "ERROR",
    chatkitDomainKey: "domain_pk_0123",
    modelIsSimulated: true,
    services: { auth: "http://localhost:8001", gateway: "http://localhost:8000" },
  });
});
