/** `/widget.js`: one classic script, for pages of somebody else. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { widgetTexts } from './scripts/widget-texts.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  define: { __WIDGET_TEXTS__: JSON.stringify(widgetTexts()) },
  resolve: { alias: { '@': at('./src') } },
  publicDir: false,
  build: {
    target: 'es2022',
    cssTarget: ['chrome123', 'safari17.5', 'firefox121'],
    emptyOutDir: false,
    lib: {
      entry: at('./src/widget/loader.ts'),
      formats: ['iife'],
      name: 'PolyglotWidgetScript',
      fileName: () => 'widget.js',
    },
  },
});
