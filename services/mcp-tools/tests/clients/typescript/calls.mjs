// Lists the tools, makes calls, and writes what came of each, as a program of somebody else would.
// Arguments: the endpoint's URL, a token, and the calls as JSON.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [url, token, calls] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${token}` };
const client = new Client({ name: "tests", version: "0" });
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
await client.listTools(); // from here on it holds results against the tools' output schemas
const results = [];
for (const call of JSON.parse(calls)) {
  results.push(await client.callTool(call).catch((error) => ({ thrown: String(error) })));
}
await client.close();
console.log(JSON.stringify(results));
