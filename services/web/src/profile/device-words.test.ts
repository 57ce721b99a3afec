import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceWords } from "./device-words.ts";

const MOZILLA = "Mozilla/5.0";
const CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0";
const UNKNOWN = "A device that does not say what it is";

for (const [userAgent, words] of [
  [null, UNKNOWN],
  ["", UNKNOWN],
  [MOZILLA, UNKNOWN],
  ["<script>alert(1)</script>", UNKNOWN],
  ["x".repeat(5000), UNKNOWN],
  [`${MOZILLA} (X11; Linux x86_64)`, "Linux"],
  [`${MOZILLA} (X11; Linux x86_64) ${CHROME} Safari/537.36`, "Chrome on Linux"],
  [`${MOZILLA} (Linux; Android 16; K) ${CHROME} Mobile Safari/537.36`, "Chrome on Android"],
  [`${MOZILLA} (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36 Edg/156.0`, "Edge on Windows"],
  [`${MOZILLA} (Windows NT 10.0; rv:150.0) Gecko/20100101 Firefox/150.0`, "Firefox on Windows"],
  [
    `${MOZILLA} (iPhone; CPU iPhone OS 20_0 like Mac OS X) AppleWebKit/605.1.15 Version/20.0 Mobile Safari/604.1`,
    "Safari on iPhone",
  ],
  [
    `${MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/20.0 Safari/605.1.15`,
    "Safari on Mac",
  ],
  [`${MOZILLA} (X11; Linux x86_64) HeadlessChrome/156.0 Safari/537.36`, "Chrome on Linux"],
  ["curl/8.9.1", "The program “curl”"],
  ["python-httpx/0.28", "The program “python-httpx”"],
] as const) {
  test(`${userAgent?.slice(0, 60)}`, () => assert.equal(deviceWords(userAgent), words));
}
