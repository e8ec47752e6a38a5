/** Price watches that were made on this device: what manages them, not what they hold. */
import * as z from 'zod/mini';
import { keep, recall } from '@/lib/tab.ts';

const KEY = 'watches';
const MOST = 20;

const watchesSchema = z.array(z.object({ id: z.string(), token: z.string() }));
export type Watch = z.infer<typeof watchesSchema>[number];

export const watches = (): Watch[] => recall(KEY, watchesSchema, 'device') ?? [];

/** Keeps a new one, the newest first. */
export function addWatch(watch: Watch): void {
  keep(KEY, [watch, ...watches().filter(({ id }) => id !== watch.id)].slice(0, MOST), 'device');
}

export function dropWatch(id: string): void {
  keep(
    KEY,
    watches().filter((watch) => watch.id !== id),
    'device',
  );
}
