import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    // The style sheet uses light-dark(), so older browsers get no transpiled half-truth.
    cssTarget: ['chrome123', 'safari17.5', 'firefox121'],
    // Inlined assets would need `data:` in the page's content security policy.
    assetsInlineLimit: 0,
    sourcemap: false,
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
