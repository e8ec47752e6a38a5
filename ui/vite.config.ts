import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { shellFirst } from './scripts/html.ts';
import { manifests } from './scripts/shell.ts';
import { widgetTexts } from './scripts/widget-texts.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Modules of the first screen. */
const FIRST =
  /src[\\/](app[\\/](App|persona|useCall|useSearches)|lib[\\/](home|store|locale|kept)|ui[\\/](Banner|Disclosure|Icon)|i18n[\\/]\w+|features[\\/](settings[\\/]\w+|flights[\\/]view|conversation[\\/](WelcomeView|LanguageChoice|state|selectors|transcript)))\.tsx?$/;

export default defineConfig({
  plugins: [react(), shellFirst(), manifests()],
  define: { __WIDGET_TEXTS__: JSON.stringify(widgetTexts()) },
  // What a script fetches it fetches from where it came itself: in a widget that is not the page's own origin.
  experimental: { renderBuiltUrl: (_, { hostType }) => (hostType === 'js' ? { relative: true } : undefined) },
  resolve: { alias: { '@': at('./src') } },
  build: {
    target: 'es2022',
    // The style sheet uses light-dark(), so older browsers get no transpiled half-truth.
    cssTarget: ['chrome123', 'safari17.5', 'firefox121'],
    // Inlined assets would need `data:` in the page's content security policy.
    assetsInlineLimit: 0,
    sourcemap: false,
    rollupOptions: {
      // Two pages and what a widget opens, which share what they can; who talks fetches nothing of the desk.
      input: { index: at('./index.html'), desk: at('./desk/index.html'), 'widget-app': at('./src/widget/app.tsx') },
      preserveEntrySignatures: 'exports-only',
      // The widget's script names it, and is not built again with every change of it.
      output: {
        entryFileNames: ({ name }) => (name === 'widget-app' ? '[name].js' : 'assets/[name]-[hash].js'),
        // What everybody fetches first, in two files: many small ones are larger together.
        advancedChunks: {
          groups: [
            {
              name: 'vendor',
              test: /node_modules[\\/](react|react-dom|scheduler|i18next|react-i18next|use-sync-external-store)[\\/]/,
            },
            { name: 'page', test: FIRST },
          ],
        },
      },
    },
    // The one large chunk is livekit's, loaded on intent; `npm run budget` holds the limits.
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { '/v1': process.env.POLYGLOT_API ?? 'http://127.0.0.1:8000' } },
  test: {
    environment: 'happy-dom',
    include: ['tests/**/*.test.{ts,tsx}'],
    setupFiles: ['tests/setup.ts'],
    reporters: ['default', './tests/plain-reporter.ts'],
    restoreMocks: true,
    // Hangs are found by it; what a busy machine makes slow is none.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What was drawn is taken away before what it was given instead of a network is.
    sequence: { hooks: 'list' },
  },
});
