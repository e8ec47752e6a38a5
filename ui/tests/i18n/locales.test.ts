import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isPageLanguage, PAGE_LANGUAGE_CODES, preferredLanguage } from '@/i18n/languages.ts';

const SOURCE = join(import.meta.dirname, '..', '..', 'src');
const read = (code: string): Record<string, string> =>
  JSON.parse(readFileSync(join(SOURCE, 'i18n/locales', `${code}.json`), 'utf8'));
const placeholders = (text: string): string[] => [...text.matchAll(/{{(\w+)}}/g)].map((match) => match[1] ?? '').sort();
const english = read('en');

describe.each(PAGE_LANGUAGE_CODES.filter((code) => code !== 'en'))('%s', (code) => {
  const texts = read(code);

  it('has exactly the keys of English', () => {
    // Each language counts in forms of its own, and needs a text for every one of them.
    const forms = new Intl.PluralRules(code).resolvedOptions().pluralCategories;
    const expected = Object.keys(english).flatMap((key) => {
      const [, counted, form] = /^(.*)_(one|other)$/.exec(key) ?? [];
      if (!counted) return [key];
      return form === 'one' ? [] : forms.map((name) => `${counted}_${name}`);
    });
    // The languages' own forms, where they are no more than English has, stand as English's do.
    const wanted = forms.length > 3 ? expected : Object.keys(english);
    expect(Object.keys(texts).sort()).toEqual([...wanted].sort());
  });

  it('has the same placeholders in every text', () => {
    for (const [key, text] of Object.entries(texts)) {
      // One and two may be words: "a flight", "two flights".
      const counted = /_(zero|one|two)$/.test(key);
      const model = placeholders(english[key.replace(/_(zero|one|two|few|many)$/, '_other')] ?? '');
      const found = placeholders(text);
      expect(counted && !found.includes('count') ? [...found, 'count'].sort() : found, key).toEqual(model);
    }
  });

  it('leaves nothing empty and is translated', () => {
    expect(Object.entries(texts).filter(([, text]) => !text.trim())).toEqual([]);
    const same = Object.keys(english).filter((key) => texts[key] === english[key]);
    expect(same.length, same.join(' ')).toBeLessThan(15);
  });
});

it('every text that the code names exists, and every text is named', () => {
  const code = sources(SOURCE)
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const named = new Set([...code.matchAll(/'([a-z]+(?:\.[\w-]+)+)'/gi)].map((match) => match[1] ?? ''));
  const prefixes = [...code.matchAll(/`([a-z]+(?:\.[a-z]+)*\.)\$\{/g)].map((match) => match[1] ?? '');
  const keys = Object.keys(english).map((key) => key.replace(/_(one|other)$/, ''));
  const unnamed = keys.filter(
    (key) =>
      // Those go into scripts of their own when these are built, where their types name them.
      !/^(widget|offline)\./.test(key) &&
      !named.has(key) &&
      !named.has(key.replace(/\.(none|unknown|title)$/, '')) &&
      !prefixes.some((p) => key.startsWith(p)),
  );
  expect(unnamed).toEqual([]);
  const sections = new Set(keys.map((key) => key.split('.')[0]));
  const missing = [...named].filter((name) => sections.has(name.split('.')[0]) && !keys.includes(name));
  expect(missing).toEqual([]);
});

function sources(folder: string): string[] {
  return (
    readdirSync(folder, { recursive: true, withFileTypes: true })
      // The desk is in English, for who runs the service.
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/[\\/]desk$/.test(entry.parentPath))
      .map((entry) => join(entry.parentPath, entry.name))
  );
}

it('follows the browser, else English', () => {
  expect(preferredLanguage(['ko-KR', 'pt-BR', 'en'])).toBe('pt');
  expect(preferredLanguage(['pt-PT'])).toBe('pt-PT');
  expect(preferredLanguage(['ar-EG', 'en'])).toBe('ar');
  expect(preferredLanguage(['ko-KR'])).toBe('en');
});

it('a word that every object knows is no language', () => {
  expect(['toString', 'constructor', '', null].filter(isPageLanguage)).toEqual([]);
});
