/**
 * Classic scripts that stand alone, built after the page: `--mode widget` makes `/widget.js`, for pages of somebody else;
 * `--mode sw` makes `/sw.js`, the service worker, which names the files of the build.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { builtShell } from './scripts/shell.ts';
import { widgetTexts } from './scripts/widget-texts.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const SCRIPTS = {
  widget: { entry: './src/widget/loader.ts', define: () => ({ __WIDGET_TEXTS__: JSON.stringify(widgetTexts()) }) },
  sw: { entry: './src/shell/sw.ts', define: () => ({ __SHELL__: JSON.stringify(builtShell()) }) },
};

export default defineConfig(({ mode }) => {
  const { entry, define } = SCRIPTS[mode as keyof typeof SCRIPTS];
  return {
    define: { ...define(), 'process.env.NODE_ENV': '"production"' },
    resolve: { alias: { '@': at('./src') } },
    publicDir: false,
    build: {
      target: 'es2022',
      cssTarget: ['chrome123', 'safari17.5', 'firefox121'],
      emptyOutDir: false,
      lib: { entry: at(entry), formats: ['iife'], name: 'Polyglot', fileName: () => `${mode}.js` },
    },
  };
});
