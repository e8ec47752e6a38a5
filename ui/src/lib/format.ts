/** Money, times and durations in the reader's language, from the strings of the wire. */
import { CALENDAR, DIGITS } from './locale.ts';

const formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

/** Each format once: to make one costs more than all that it will ever write. */
function kept<T extends Intl.NumberFormat | Intl.DateTimeFormat, O>(
  kind: new (locale: string, options: O) => T,
  locale: string,
  options: O,
): T {
  const key = JSON.stringify([kind.name, locale, options]);
  const made = (formats.get(key) as T | undefined) ?? new kind(locale, options);
  formats.set(key, made);
  return made;
}

const number = (locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat =>
  kept(Intl.NumberFormat, locale, { ...DIGITS, ...options });
const date = (locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  kept(Intl.DateTimeFormat, locale, { ...CALENDAR, ...options });

/** Makes what the first flight is written with, while nobody waits for it: the first format of a language is slow. */
export function prepareFormats(locale: string): void {
  formatDay('2026-01-01', locale);
  formatTime('2026-01-01T00:00', locale);
  formatDuration(61, locale);
  formatMoney('0', 'EUR', locale);
}

/** `amount` is a decimal string and is formatted as such, never through a float. */
export function formatMoney(amount: string, currency: string, locale: string): string {
  return number(locale, { style: 'currency', currency }).format(amount as Intl.StringNumericLiteral);
}

/** Clock time at the airport: the local part of the moment, so that it needs no zone database. */
export function formatTime(moment: string, locale: string): string {
  const local = new Date(`${moment.slice(0, 16)}:00Z`);
  return date(locale, { hour: 'numeric', minute: '2-digit', timeZone: 'UTC' }).format(local);
}

/** Abbreviation of the airport's zone at that moment, for example CET or GMT+9; empty for a zone unknown here. */
export function formatZone(moment: string, timeZone: string, locale: string): string {
  try {
    const format = date(locale, { hour: 'numeric', timeZone, timeZoneName: 'short' });
    return format.formatToParts(new Date(moment)).find((part) => part.type === 'timeZoneName')?.value ?? '';
  } catch {
    return '';
  }
}

/** A calendar day, which has no zone. */
export function formatDay(isoDate: string, locale: string): string {
  const day = new Date(`${isoDate.slice(0, 10)}T12:00:00Z`);
  return date(locale, { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' }).format(day);
}

/** Hours and minutes, for example `2h 35m`. */
export function formatDuration(minutes: number, locale: string): string {
  const unit = (value: number, name: 'hour' | 'minute'): string =>
    number(locale, { style: 'unit', unit: name, unitDisplay: 'narrow' }).format(value);
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return [hours > 0 ? unit(hours, 'hour') : '', rest > 0 || hours === 0 ? unit(rest, 'minute') : '']
    .filter(Boolean)
    .join(' ');
}

/** Calendar days between two local moments: what the "+1" beside an arrival counts. */
export function daysBetween(from: string, to: string): number {
  const midnight = (moment: string): number => Date.parse(`${moment.slice(0, 10)}T00:00:00Z`);
  return Math.round((midnight(to) - midnight(from)) / 86_400_000);
}

/** The ISO date some days after another one. */
export function dayAfter(isoDate: string, days: number): string {
  return new Date(Date.parse(`${isoDate}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** A whole number. */
export const formatCount = (value: number, locale: string): string => number(locale, {}).format(value);

/** A share in whole percent; `signed`: with its sign, where it is not nothing. */
export const formatShare = (share: number, locale: string, signed = false): string =>
  number(locale, { style: 'percent', ...(signed ? { signDisplay: 'exceptZero' } : {}) }).format(share);

/** Whole kilometres. */
export function formatDistance(kilometres: number, locale: string): string {
  return number(locale, { style: 'unit', unit: 'kilometer', maximumFractionDigits: 0 }).format(kilometres);
}
