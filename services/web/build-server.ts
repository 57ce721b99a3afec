/** Bundles the server of the page's files into `dist/server.js`, so that the image needs no packages. */
import { build } from "esbuild";

await build({
  entryPoints: ["server/server.ts"],
  outdir: "dist",
  bundle: true,
  platform: "node",
  target: "node22",
  format: "esm",
  minifySyntax: true,
  logLevel: "warning",
});
