import { vitePreprocess } from "@sveltejs/vite-plugin-svelte";

// The styles are files of their own, so that no component makes a style element.
export default {
  preprocess: vitePreprocess({ style: false }),
  compilerOptions: { runes: true },
};
