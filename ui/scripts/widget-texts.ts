/** The words that the widget's script needs before it fetches a catalogue. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LOCALES = join(import.meta.dirname, '..', 'src', 'i18n', 'locales');

export function widgetTexts(): Record<string, Record<string, string>> {
  const found = readdirSync(LOCALES).map((name) => {
    const texts: Record<string, string> = JSON.parse(readFileSync(join(LOCALES, name), 'utf8'));
    const own = Object.entries(texts).filter(([key]) => key.startsWith('widget.'));
    return [name.replace('.json', ''), Object.fromEntries(own.map(([key, text]) => [key.slice(7), text]))];
  });
  return Object.fromEntries(found);
}
