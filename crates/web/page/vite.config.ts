import { svelte } from "@sveltejs/vite-plugin-svelte";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** The client's source, which is built with the page. */
const client = fileURLToPath(new URL("../../../clients/typescript/src/index.ts", import.meta.url));

export default defineConfig({
  // Paths without the host: the page is served from an address that nobody knows beforehand.
  base: "/",
  plugins: [svelte()],
  resolve: { alias: { "convene-client": client } },
  build: {
    target: "es2022",
    // A polyfill for module preloading would be the only code that the page does not need.
    modulePreload: { polyfill: false },
    // Nothing as a data: address, which the page's policy does not allow.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
});
