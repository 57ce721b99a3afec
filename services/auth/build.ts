/** Bundles the commands into `dist/`, so that a start reads few files and no dependency. */
import { rm } from "node:fs/promises";
import { build } from "esbuild";

await rm("dist", { recursive: true, force: true });
await build({
  entryPoints: [
    "src/commands/server.ts",
    "src/commands/migrate.ts",
    "src/commands/rotate-keys.ts",
    "src/commands/address-hash.ts",
    "src/commands/erase.ts",
    "src/commands/export.ts",
    "src/commands/retention.ts",
  ],
  outdir: "dist",
  bundle: true,
  // What the commands share is written once, and what is imported later stays in its own file.
  splitting: true,
  platform: "node",
  target: "node22",
  format: "esm",
  minifySyntax: true,
  external: ["pg-native"],
  // pg is CommonJS and requires Node's own modules.
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
  logLevel: "warning",
});
