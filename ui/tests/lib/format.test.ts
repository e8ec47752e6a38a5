import { describe, expect, it } from 'vitest';
import {
  daysBetween,
  formatCount,
  formatDay,
  formatDistance,
  formatDuration,
  formatMoney,
  formatShare,
  formatTime,
  formatZone,
} from '@/lib/format.ts';
import { formatClock, isoDay, localeFor } from '@/lib/locale.ts';

const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

describe('money', () => {
  it.each([
    ['89.90', 'EUR', 'en-GB', '€89.90'],
    ['89.90', 'EUR', 'de', '89,90 €'],
    ['104.00', 'EUR', 'en-GB', '€104.00'],
    ['12345', 'JPY', 'ja', '￥12,345'],
    ['123456789.99', 'USD', 'en-US', '$123,456,789.99'],
  ])('%s %s in %s', (amount, currency, locale, text) => {
    expect(plain(formatMoney(amount, currency, locale))).toBe(text);
  });
});

describe('times are those of the airport', () => {
  it('whatever the zone of the reader', () => {
    expect(formatTime('2026-11-22T23:55:00+09:00', 'en-GB')).toBe('23:55');
    expect(plain(formatTime('2026-11-22T23:55:00+09:00', 'en-US'))).toBe('11:55 PM');
  });

  it('with the zone of that day', () => {
    expect(formatZone('2026-11-22T08:25:00+01:00', 'Europe/Madrid', 'en-GB')).toBe('CET');
    expect(formatZone('2026-07-22T08:25:00+02:00', 'Europe/Madrid', 'en-GB')).toBe('CEST');
    expect(formatZone('2026-07-22T08:25:00+02:00', 'Nowhere/Else', 'en-GB')).toBe('');
  });

  it.each([
    ['2026-11-22T08:25:00+01:00', '2026-11-22T11:20:00+01:00', 0],
    ['2026-11-22T20:50:00+01:00', '2026-11-23T09:50:00+01:00', 1],
    ['2026-12-31T23:00:00+09:00', '2027-01-02T01:00:00+09:00', 2],
    ['2026-11-22T01:00:00+13:00', '2026-11-21T10:00:00-10:00', -1],
  ])('%s to %s is %i days later', (from, to, days) => {
    expect(daysBetween(from, to)).toBe(days);
  });
});

it('durations', () => {
  expect(formatDuration(175, 'en')).toBe('2h 55m');
  expect(formatDuration(120, 'en')).toBe('2h');
  expect(formatDuration(45, 'en')).toBe('45m');
});

it('days', () => {
  expect(formatDay('2026-11-22', 'en-GB')).toMatch(/Sun,? 22 Nov/);
  expect(isoDay(1, new Date(2026, 11, 31, 23, 30))).toBe('2027-01-01');
});

it('takes the region from the browser when it speaks the language of the page', () => {
  expect(localeFor('en', ['de-DE', 'en-IE', 'en'])).toBe('en-IE');
  expect(localeFor('ja', ['de-DE'])).toBe('ja');
});

describe('numbers', () => {
  it.each([
    'ar',
    'ar-EG',
    'ar-SA',
    'ar-MA',
    'en-GB',
    'de',
    'es',
    'fr',
    'it',
    'pt-BR',
    'pt-PT',
    'ja',
    'zh',
    'fa',
    'hi-u-nu-deva',
  ])('are written in one kind of digits, of one calendar: %s', (locale) => {
    const written = [
      formatMoney('1234.50', 'EUR', locale),
      formatTime('2026-11-22T20:50:00+01:00', locale),
      formatZone('2026-11-22T08:25:00+01:00', 'Etc/GMT-7', locale),
      formatDay('2026-11-22', locale),
      formatDuration(175, locale),
      formatDistance(1870, locale),
      formatCount(1420, locale),
      formatShare(-0.12, locale, true),
      formatClock('2026-11-22T09:45:00Z', locale),
    ];
    // Digits of any script, and of them none but those of codes and flight numbers.
    for (const text of written) expect(text).toMatch(/[0-9]/);
    expect(written.join(' ').match(/(?![0-9])\p{Nd}/gu)).toBeNull();
    expect(formatDay('2026-11-22', locale)).toContain('22');
  });

  it('a share has its sign where it is asked for', () => {
    expect([formatShare(0.12, 'en', true), formatShare(-0.12, 'en', true), formatShare(0.12, 'en')]).toEqual([
      '+12%',
      '-12%',
      '12%',
    ]);
  });
});
