/** The reader's language and clock; apart from `format.ts`, because the first screen needs no more. */

/** The browser's own regional tag when it speaks the page's language (en-GB rather than plain en), else the language. */
export function localeFor(language: string, preferred: readonly string[] = navigator.languages): string {
  if (language.includes('-')) return language;
  return preferred.find((tag) => tag.split('-')[0]?.toLowerCase() === language) ?? language;
}

/**
 * One way of writing numbers on the whole page, in every language: codes, flight numbers and fields for dates are in these
 * digits whatever a region is used to, and Arabic would mix two kinds of them.
 */
export const DIGITS = { numberingSystem: 'latn' } as const;
/** The calendar that flights are sold by; Arabia's own is another. */
export const CALENDAR = { ...DIGITS, calendar: 'gregory' } as const;

/** Clock time on the reader's own device. */
export function formatClock(moment: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { ...CALENDAR, hour: 'numeric', minute: '2-digit' }).format(new Date(moment));
}

/** Today in the reader's zone as an ISO date, `offset` days on. */
export function isoDay(offset: number, now: Date = new Date()): string {
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() + offset);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
