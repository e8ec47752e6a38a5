import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { shellFirst } from '../../scripts/html.ts';

const INDEX = readFileSync(join(import.meta.dirname, '..', '..', 'index.html'), 'utf8');
const SHEET = '<link rel="stylesheet" crossorigin href="/assets/styles-1.css">';

function built(filename: string): string {
  const { handler } = shellFirst().transformIndexHtml as unknown as {
    handler: (html: string, at: { filename: string }) => string;
  };
  return handler(INDEX.replace('</head>', `${SHEET}</head>`), { filename });
}

it('has something to show in the HTML itself, with the colours of the style sheet and behind nothing', () => {
  const page = built('index.html');
  const [head = '', body = ''] = page.split('<body>');
  expect(body).toContain('Polyglot</header>');
  expect(head).toMatch(/--paper: ?light-dark\(#f7f6f2,#111413\)/);
  // Nobody waits for a file before the first paint: no sheet and no script that blocks.
  expect(head).not.toContain('rel="stylesheet"');
  expect(head).not.toMatch(/<script src/);
  expect(body.indexOf(SHEET)).toBeGreaterThan(body.indexOf('</main>'));
});

it('lets the style sheet have the last word', () => {
  expect(built('index.html')).toMatch(/<style>@layer tokens, base[^;]*;@layer tokens\{/);
});

it('applies a chosen theme before the first paint, on the desk too', () => {
  for (const name of ['index.html', 'desk/index.html']) expect(built(name)).toContain("getItem('polyglot.theme')");
});
