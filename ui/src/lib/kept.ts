import { home } from './home.ts';

/** Whether this page is another screen of a call that runs: by its address, or since before a reload. */
export const isCompanion = (): boolean => !home.embedded && (location.hash.startsWith('#call=') || isKept('companion'));

/** Whether this tab keeps something under a key, without reading it. */
export function isKept(key: string): boolean {
  try {
    return sessionStorage.getItem(`polyglot.${key}`) !== null;
  } catch {
    return false;
  }
}
