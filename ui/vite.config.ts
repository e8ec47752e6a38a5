import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': at('./src') } },
  build: {
    target: 'es2022',
    // The style sheet uses light-dark(), so older browsers get no transpiled half-truth.
    cssTarget: ['chrome123', 'safari17.5', 'firefox121'],
    // Inlined assets would need `data:` in the page's content security policy.
    assetsInlineLimit: 0,
    sourcemap: false,
    rollupOptions: {
      // Two pages that share what they can; who talks fetches nothing of the desk.
      input: { index: at('./index.html'), desk: at('./desk/index.html') },
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
  },
});
