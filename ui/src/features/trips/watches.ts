/** Price watches that were made on this device: what manages them, not what they hold. */
import * as z from 'zod/mini';
import { keep, recall } from '@/lib/tab.ts';

const KEY = 'watches';
const MOST = 20;

const watchesSchema = z.array(z.object({ id: z.string(), token: z.string() }));
export type Watch = z.infer<typeof watchesSchema>[number];

export const watches = (): Watch[] => recall(KEY, watchesSchema, 'device') ?? [];

const listeners = new Set<() => void>();

/** Tells of watches that are made, on this page or in another tab, until what it returns is called. */
export function onWatches(listener: () => void): () => void {
  const elsewhere = ({ key }: StorageEvent): void => {
    if (key?.endsWith(KEY)) listener();
  };
  listeners.add(listener);
  window.addEventListener('storage', elsewhere);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', elsewhere);
  };
}

/** Keeps a new one, the newest first. */
export function addWatch(watch: Watch): void {
  keep(KEY, [watch, ...watches().filter(({ id }) => id !== watch.id)].slice(0, MOST), 'device');
  for (const listener of listeners) listener();
}

export function dropWatch(id: string): void {
  keep(
    KEY,
    watches().filter((watch) => watch.id !== id),
    'device',
  );
}
