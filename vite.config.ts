import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** Builds the dashboard into dist/dashboard, which the app serves at /dashboard. */
export default defineConfig({
  root: fileURLToPath(new URL('src/dashboard', import.meta.url)),
  base: '/dashboard/',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: fileURLToPath(new URL('dist/dashboard', import.meta.url)),
    emptyOutDir: true,
    // The content security policy allows neither data: URLs nor inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
