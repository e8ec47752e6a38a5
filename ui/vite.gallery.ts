/** Builds `gallery.html`: every state of the page and the desk, for `make gallery` and the tests; no part of a deployment. */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { widgetTexts } from './scripts/widget-texts.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [react()],
  define: { __WIDGET_TEXTS__: JSON.stringify(widgetTexts()) },
  base: './',
  publicDir: false,
  resolve: { alias: { '@': at('./src') } },
  build: {
    target: 'es2022',
    cssTarget: ['chrome123', 'safari17.5', 'firefox121'],
    outDir: 'dist-gallery',
    rollupOptions: { input: at('./gallery.html') },
    chunkSizeWarningLimit: 1000,
  },
});
