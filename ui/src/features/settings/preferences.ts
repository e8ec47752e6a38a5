/** What the reader chose for this page, kept on the device. Storage may be forbidden; then choices last for the visit. */
import { isPageLanguage, type PageLanguage, preferredLanguage } from '@/i18n/languages.ts';
import { read, write } from '@/lib/device.ts';
import { home } from '@/lib/home.ts';

export type Theme = 'system' | 'light' | 'dark';

export function storedLanguage(): PageLanguage {
  const stored = read('language');
  return isPageLanguage(stored) ? stored : preferredLanguage(navigator.languages);
}

export const storeLanguage = (language: PageLanguage): void => write('language', language);

export function storedTheme(): Theme {
  const stored = read('theme');
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

/** Applies and keeps a theme; `system` follows the device. */
export function applyTheme(theme: Theme): void {
  home.root.dataset.theme = theme;
  write('theme', theme);
}

/** Whether the assistant is read and not heard. */
export const storedCaptions = (): boolean => read('captions') === 'only';

export const storeCaptions = (only: boolean): void => write('captions', only ? 'only' : '');
