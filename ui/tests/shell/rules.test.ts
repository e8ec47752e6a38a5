import { expect, it } from 'vitest';
import { answeredBy, isPage, offlinePage } from '@/shell/rules.ts';

const HERE = 'https://voice.example.com';
const how = (path: string, method = 'GET', mode = 'cors'): string | null =>
  answeredBy(method, mode, new URL(path, HERE), HERE, ['/assets/a.js', '/icons/icon.png']);

it.each(['/assets/a.js', '/assets/later-1x.js', '/icons/icon.png'])('keeps %s', (path) => {
  expect(how(path)).toBe('file');
});

it.each([
  '/v1/sessions',
  '/v1/sessions/abc/turns',
  '/v1/flights/search?origin=MAD',
  '/v1/places?q=ber',
  '/v1/privacy/export',
  '/openapi.json',
  '/health',
  '/sw.js',
  '/widget.js',
])('leaves %s alone: no answer of the API is kept', (path) => {
  expect(how(path)).toBeNull();
  expect(how(path, 'POST')).toBeNull();
});

it('leaves other origins alone', () => {
  expect(how('https://media.example.com/assets/a.js')).toBeNull();
});

it('answers who opens a page, and only who reads one', () => {
  expect(how('/?origin=MAD', 'GET', 'navigate')).toBe('page');
  expect(how('/', 'POST', 'navigate')).toBeNull();
});

it('takes only its own addresses for the page', () => {
  expect(['/', '/some/address', '/desk', '/desk/', '/v1/alerts/links/confirm', '/deskless'].map(isPage)).toEqual([
    true,
    true,
    false,
    false,
    false,
    true,
  ]);
});

it('says it in the language and the direction of the reader, and lets nothing out of its words', () => {
  const page = offlinePage('ar', { title: 'لا اتصال <b>', text: 'x', retry: 'y', dir: 'rtl' });
  expect(page).toContain('<html lang="ar" dir="rtl">');
  expect(page).not.toContain('<b>');
  expect(page).toContain('<a href="">y</a>');
});
