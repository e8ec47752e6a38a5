import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { render, screen, waitFor } from '@testing-library/react';
import i18next from 'i18next';
import { expect, it } from 'vitest';
import { CallView } from '@/features/conversation/CallView.tsx';
import { Header } from '@/features/settings/Header.tsx';
import { IDLE, STATES } from '@/gallery/states.ts';
import { changeLanguage } from '@/i18n/index.ts';

const STYLES = join(import.meta.dirname, '..', '..', 'src', 'ui', 'styles');

it('Arabic turns the page round, and names in Latin letters do not turn the words beside them', async () => {
  await changeLanguage('ar');
  render(<Header />);
  expect(document.documentElement.dir).toBe('rtl');
  expect(i18next.t('card.operated', { names: 'Vueling (VY)' })).toBe('تشغّلها \u2068Vueling (VY)\u2069');
  render(<CallView {...IDLE} state={STATES.results} meter={null} searchForm={null} />);
  expect(screen.getByText('Madrid', { selector: 'bdi' })).toBeTruthy();
  // What was said is written in the direction of its own language.
  expect(screen.getByText(/Find me a flight/).getAttribute('dir')).toBe('auto');
});

it('Arabic is written in one kind of digits all over the page', async () => {
  await changeLanguage('ar');
  const { container } = render(<CallView {...IDLE} state={STATES.many} meter={null} searchForm={null} />);
  await waitFor(() => expect(container.querySelectorAll('article').length).toBeGreaterThan(0));
  expect(container.textContent).toMatch(/[0-9]/);
  expect(container.textContent?.match(/[\u0660-\u0669\u06f0-\u06f9]/gu)).toBeNull();
});

it('other languages read from left to right, and write values as they are', async () => {
  await changeLanguage('de');
  render(<Header />);
  expect(document.documentElement.dir).toBe('ltr');
  expect(i18next.t('detail.fare', { name: 'A & B <i>' })).toContain('A & B <i>');
});

/** Sides of the page that a right-to-left one does not turn round. */
const PHYSICAL =
  /(?:margin|padding|border)-(?:left|right)|text-align: (?:left|right)|(?:^|[\s;{])(?:left|right):|(?:padding|margin): [\d.a-z]+ ([\d.a-z]+) [\d.a-z]+ (?!\1;)[\d.a-z]+;/;

it('no style names left or right', () => {
  const found = readdirSync(STYLES)
    .filter((name) => name.endsWith('.css'))
    .filter((name) => PHYSICAL.test(readFileSync(join(STYLES, name), 'utf8')));
  expect(found).toEqual([]);
});
