/** The desk's address: what is looked at and how it is filtered, so that it can be sent to a colleague. */
import { useCallback, useSyncExternalStore } from 'react';

export const VIEWS = [
  'calls',
  'live',
  'wait',
  'outcomes',
  'models',
  'budgets',
  'keys',
  'webhooks',
  'alerts',
  'privacy',
] as const;
export type View = (typeof VIEWS)[number];

const listeners = new Set<() => void>();
const tell = (): void => {
  for (const listener of listeners) listener();
};
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  window.addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('popstate', listener);
  };
};

/** Goes to an address of the desk. */
export function go(params: URLSearchParams): void {
  history.pushState(null, '', `${location.pathname}?${params}`);
  tell();
}

/** The parameters of the address, and a way to change some: an empty value removes one. */
export function useAddress(): [URLSearchParams, (changes: Record<string, string>) => void] {
  const search = useSyncExternalStore(subscribe, () => location.search);
  const params = new URLSearchParams(search);
  const change = useCallback((changes: Record<string, string>) => {
    const next = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    go(next);
  }, []);
  return [params, change];
}

/** The view of an address among those that may be seen; the first of these where it names none. */
export const viewOf = (params: URLSearchParams, seen: readonly View[]): View | undefined =>
  seen.find((view) => view === params.get('view')) ?? seen[0];
