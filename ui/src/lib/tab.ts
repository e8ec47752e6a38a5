/** What one tab keeps over a reload. Gone with the tab; storage may be forbidden, then nothing is kept. */
import type * as z from 'zod/mini';

const name = (key: string): string => `polyglot.${key}`;

/** What was kept, if it still has the shape that it must have. */
export function recall<T extends z.ZodMiniType>(key: string, schema: T): z.infer<T> | null {
  try {
    const parsed = schema.safeParse(JSON.parse(sessionStorage.getItem(name(key)) ?? 'null'));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export function keep(key: string, value: unknown): void {
  try {
    sessionStorage.setItem(name(key), JSON.stringify(value));
  } catch {
    // Forbidden or full: the page works as well, it only forgets.
  }
}
