/** What one tab keeps over a reload, and what the device keeps. Storage may be forbidden, then nothing is kept. */
import type * as z from 'zod/mini';

type Where = 'tab' | 'device';

const name = (key: string): string => `polyglot.${key}`;
const storage = (where: Where): Storage => (where === 'tab' ? sessionStorage : localStorage);

/** What was kept, if it still has the shape that it must have. */
export function recall<T extends z.ZodMiniType>(key: string, schema: T, where: Where = 'tab'): z.infer<T> | null {
  try {
    const parsed = schema.safeParse(JSON.parse(storage(where).getItem(name(key)) ?? 'null'));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export function keep(key: string, value: unknown, where: Where = 'tab'): void {
  try {
    storage(where).setItem(name(key), JSON.stringify(value));
  } catch {
    // Forbidden or full: the page works as well, it only forgets.
  }
}

export function forget(key: string, where: Where = 'tab'): void {
  try {
    storage(where).removeItem(name(key));
  } catch {
    // Forbidden: then nothing was kept either.
  }
}
