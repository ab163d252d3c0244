// Bundles the pages into ../static, which git ignores and the server hands out.
// Run by `make page`; what it needs is in package-lock.json.

import { build } from "esbuild";
import { copyFile, mkdir, rm } from "node:fs/promises";

const here = new URL(".", import.meta.url).pathname;
const out = `${here}../static`;

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  entryPoints: { app: `${here}src/main.ts`, style: `${here}src/styles/index.css` },
  outdir: out,
  bundle: true,
  minify: true,
  sourcemap: "linked",
  format: "esm",
  target: ["chrome123", "firefox120", "safari17.5"],
  legalComments: "linked",
  logLevel: "warning",
});
await copyFile(`${here}index.html`, `${out}/index.html`);
await copyFile(`${here}icon.svg`, `${out}/icon.svg`);
