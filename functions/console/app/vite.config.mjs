// How the app is built: one script and one style sheet with hashed names, the same bytes from any folder.
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/console/-/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    assetsDir: 'assets',
    cssCodeSplit: false,
    modulePreload: false,
    sourcemap: false,
    assetsInlineLimit: 0,
    rolldownOptions: { output: { hashCharacters: 'hex' } },
  },
});
