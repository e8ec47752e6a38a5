/** The countries that the browser knows names of. */

/** Groups of countries, and codes that stand for none. */
const NONE = new Set(['EU', 'EZ', 'UN', 'QO', 'ZZ', 'XA', 'XB', 'AC', 'CP', 'CQ', 'DG', 'EA', 'IC', 'TA']);
const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const made = new Map<string, { code: string; name: string }[]>();

/** Each with its ISO 3166 code, by name in the language. */
export function countries(language: string): { code: string; name: string }[] {
  const before = made.get(language);
  if (before) return before;
  const names = new Intl.DisplayNames(language, { type: 'region', fallback: 'none' });
  const { compare } = new Intl.Collator(language);
  const found = LETTERS.flatMap((one) => LETTERS.map((other) => one + other)).flatMap((code) => {
    const name = NONE.has(code) ? undefined : names.of(code);
    // An old code of a country has its name: the newer one stands for it.
    return name && new Intl.Locale(`und-${code}`).region === code ? [{ code, name }] : [];
  });
  const sorted = found.sort((a, b) => compare(a.name, b.name));
  made.set(language, sorted);
  return sorted;
}
