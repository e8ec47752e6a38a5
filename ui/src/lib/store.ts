import { useSyncExternalStore } from 'react';

/** State outside React, because the room changes it between renders and must read its own writes. */
export type Store<S, A> = {
  dispatch: (action: A) => void;
  state: () => S;
  subscribe: (listener: () => void) => () => void;
};

export function createStore<S, A>(reduce: (state: S, action: A) => S, initial: S): Store<S, A> {
  let current = initial;
  const listeners = new Set<() => void>();
  return {
    dispatch(action) {
      const next = reduce(current, action);
      if (next === current) return;
      current = next;
      for (const listener of listeners) listener();
    },
    state: () => current,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<S, A>(store: Store<S, A>): S {
  return useSyncExternalStore(store.subscribe, store.state);
}
