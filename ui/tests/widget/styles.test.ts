import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { embeddedStyles } from '@/widget/styles.ts';

const STYLES = join(import.meta.dirname, '..', '..', 'src', 'ui', 'styles');
const all = readdirSync(STYLES)
  .map((name) => readFileSync(join(STYLES, name), 'utf8'))
  .join('\n');

it('measures by the widget: no window, no letters of the page around, no root', () => {
  const css = embeddedStyles(all);
  expect(all).toMatch(/@media \(min-width/);
  expect(css).not.toMatch(/@media[^{]*(width|height)/);
  expect(css).not.toMatch(/[\d.]rem\b/);
  expect(css).not.toMatch(/\d(vw|vh|dvh)\b/);
  expect(css).not.toMatch(/:root|(^|[\s,}])html[\s,:{]/);
});

it.each([
  ['@media (width>=60rem){a{b:c}}', '@container (width>=960px){a{b:c}}'],
  ['@media (prefers-reduced-motion:reduce){*{a:b}}', '@media (prefers-reduced-motion:reduce){*{a:b}}'],
  ['a{b:clamp(1.875rem,1.3rem + 2.6vw,3.125rem)}', 'a{b:clamp(30px,20.8px + 2.6cqw,50px)}'],
  ['a{b:.5rem;height:100dvh}', 'a{b:8px;height:100cqh}'],
  [':root[data-theme=dark]{a:b}:root:lang(ja){a:b}', '.polyglot[data-theme=dark]{a:b}.polyglot:lang(ja){a:b}'],
  ['html:has(.dock){a:b}html{a:b}.html{a:b}', '.polyglot:has(.dock){a:b}.polyglot{a:b}.html{a:b}'],
])('%s', (css, embedded) => {
  expect(embeddedStyles(css)).toBe(embedded);
});
