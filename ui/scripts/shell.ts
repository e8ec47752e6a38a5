/** What belongs to the page as it is installed: its manifests, and what the service worker keeps of it. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { directionOf, PAGE_LANGUAGE_CODES } from '../src/i18n/languages.ts';

const UI = join(import.meta.dirname, '..');
const texts = (code: string): Record<string, string> =>
  JSON.parse(readFileSync(join(UI, 'src/i18n/locales', `${code}.json`), 'utf8'));

/** One manifest a language, all of the same application. */
export function manifests(): Plugin {
  return {
    name: 'manifests',
    generateBundle() {
      for (const code of PAGE_LANGUAGE_CODES) {
        const words = texts(code);
        const manifest = {
          id: '/',
          name: words['app.title'],
          short_name: 'Polyglot',
          description: words['welcome.lead'],
          lang: code,
          dir: directionOf(code),
          start_url: '/',
          scope: '/',
          display: 'standalone',
          theme_color: '#0b6a60',
          background_color: '#f7f6f2',
          categories: ['travel'],
          icons: [
            { src: '/icons/icon-192.png', sizes: '192x192', type: 'image/png' },
            { src: '/icons/icon-512.png', sizes: '512x512', type: 'image/png' },
            { src: '/icons/maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
          ],
          shortcuts: [
            { name: words['form.title'], url: '/?form', icons: [{ src: '/icons/icon-192.png', sizes: '192x192' }] },
          ],
        };
        this.emitFile({ type: 'asset', fileName: `manifest/${code}.webmanifest`, source: JSON.stringify(manifest) });
      }
    },
  };
}

/** For the service worker, from the page as it has been built. */
export function builtShell(): { version: string; files: string[]; texts: Record<string, Record<string, string>> } {
  const html = readFileSync(join(UI, 'dist', 'index.html'), 'utf8');
  const files = [...new Set(html.match(/\/assets\/[^"]+/g) ?? [])];
  if (files.length === 0) throw new Error('dist/index.html names no files: build the page first');
  const all = readdirSync(join(UI, 'dist', 'assets'))
    .sort()
    .join('\n');
  return {
    version: createHash('sha256').update(html).update(all).digest('hex').slice(0, 12),
    files,
    texts: Object.fromEntries(
      PAGE_LANGUAGE_CODES.map((code) => {
        const words = texts(code);
        const own = { title: words['offline.title'], text: words['offline.text'], retry: words['action.retry'] };
        return [code, { ...(own as Record<string, string>), dir: directionOf(code) }];
      }),
    ),
  };
}
