/**
 * What a browser shows before it has fetched anything else: the page's own HTML with its colours, and the script that
 * keeps a chosen theme from flashing in the device's. The style sheet follows after it, so that nobody waits for it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

const SOURCE = join(import.meta.dirname, '..', 'src');
const read = (path: string): string => readFileSync(join(SOURCE, path), 'utf8').trim();

const compact = (css: string): string => css.replace(/\s+/g, ' ').replace(/ ?([{};,]) ?/g, '$1');

/** The colours of the page, as its style sheet has them: every rule of the root. */
function colours(): string {
  const tokens = read('ui/styles/tokens.css').matchAll(/^:root(?:\[[^\]]+\])? \{[^}]*\}/gm);
  return [...tokens].map(([rule]) => compact(rule)).join('');
}

/** The order of the page's layers: what stands here must not outrank what the style sheet says later. */
const order = (): string => read('ui/styles/index.css').split('\n')[0] ?? '';

const withoutComments = (script: string): string => script.replace(/^\s*\/\/.*\n/gm, '');

export function shellFirst(): Plugin {
  return {
    name: 'shell-first',
    transformIndexHtml: {
      order: 'post',
      handler(html, { filename }) {
        const themed = html.replace(
          '<script src="/theme.js"></script>',
          `<script>${withoutComments(read('shell/theme.js'))}</script>`,
        );
        if (filename.includes('desk')) return themed;
        const sheets = themed.match(/ *<link rel="stylesheet"[^>]*>\n?/g) ?? [];
        const first = `<style>${order()}@layer tokens{${colours()}${compact(read('shell/first.css'))}}</style>`;
        return sheets
          .reduce((page, sheet) => page.replace(sheet, ''), themed)
          .replace('</head>', `${first}</head>`)
          .replace('<div id="root"></div>', `<div id="root">${read('shell/first.html')}</div>`)
          .replace('</body>', `${sheets.join('')}</body>`);
      },
    },
  };
}
