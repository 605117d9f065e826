// Bundles every `*.test.ts` with esbuild, which Vite brings along, and runs them with Node's own
// test runner: Node 18 reads no TypeScript.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const source = fileURLToPath(new URL("../src/", import.meta.url));
const folders = [source, join(source, "state")];
const entryPoints = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join(folder, name)),
);

/** `import text from "….ftl?raw"`, as Vite reads it. */
const raw = {
  name: "raw",
  setup(bundling) {
    bundling.onResolve({ filter: /\?raw$/ }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path.replace(/\?raw$/, "")),
      namespace: "raw",
    }));
    bundling.onLoad({ filter: /.*/, namespace: "raw" }, ({ path }) => ({
      contents: readFileSync(path, "utf8"),
      loader: "text",
      resolveDir: dirname(path),
    }));
  },
};

const outdir = mkdtempSync(join(tmpdir(), "convene-page-"));
try {
  await build({
    entryPoints,
    outdir,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node18",
    entryNames: "[name]",
    outExtension: { ".js": ".mjs" },
    sourcemap: "inline",
    logLevel: "warning",
    alias: { "convene-client": fileURLToPath(new URL("../../../../clients/typescript/src/index.ts", import.meta.url)) },
    plugins: [raw],
  });
  const files = readdirSync(outdir).map((name) => join(outdir, name));
  const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], { stdio: "inherit" });
  process.exitCode = status ?? 1;
} finally {
  rmSync(outdir, { recursive: true });
}
