import { useCallback, useEffect, useRef, useState } from 'react';
import { failure } from '@/features/conversation/selectors.ts';
import { type Action, initialState, reduce, type State } from '@/features/conversation/state.ts';
import type { Call, CallOptions } from '@/features/voice/index.ts';
import { isCompanion } from '@/lib/kept.ts';
import { createStore, type Store, useStore } from '@/lib/store.ts';

type Voice = typeof import('@/features/voice/index.ts');

/** Fetches the part of the page that speaks; a second call costs nothing. */
export const loadVoice = (): Promise<Voice> => import('@/features/voice/index.ts');

export type CallHandle = {
  state: State;
  store: Store<State, Action>;
  /** Present from the first start on. */
  live: { voice: Voice; call: Call } | null;
  starting: boolean;
  retrying: boolean;
  start: (options: CallOptions) => void;
  retry: () => void;
};

/** The conversation's state and the call that feeds it. */
export function useCall(initial: State = initialState): CallHandle {
  const [store] = useState(() => createStore(reduce, initial));
  const state = useStore(store);
  const [live, setLive] = useState<CallHandle['live']>(null);
  const [starting, setStarting] = useState(false);
  const [retrying, setRetrying] = useState(false);
  const options = useRef<CallOptions>({ language: 'auto', locale: 'en', storeTurns: false });

  const open = useCallback(
    (language: string, begin: (call: Call) => void) => {
      setStarting(true);
      loadVoice()
        .then((voice) => {
          const call = new voice.Call(store);
          setLive({ voice, call });
          begin(call);
        })
        .catch(() => {
          // The chunk did not arrive: the same to the user as a service that does not answer.
          store.dispatch({ type: 'started', language });
          store.dispatch({ type: 'refused', reason: 'session', call: store.state().calls });
        })
        .finally(() => setStarting(false));
    },
    [store],
  );

  const start = useCallback(
    (chosen: CallOptions) => {
      options.current = chosen;
      open(chosen.language, (call) => void call.start(chosen));
    },
    [open],
  );

  // A link to a call that runs: this page is another screen of it.
  const joined = useRef(false);
  useEffect(() => {
    if (joined.current || !isCompanion()) return;
    joined.current = true;
    open('auto', (call) => void call.join());
  }, [open]);

  const retry = useCallback(() => {
    async function again(): Promise<void> {
      const kind = failure(store.state())?.kind;
      const call = live?.call;
      const saved = (kind === 'agent' || kind === 'agent-lost') && call ? await call.retry() : false;
      if (saved) return;
      await call?.end();
      start({ ...options.current, language: store.state().language });
    }
    setRetrying(true);
    void again().finally(() => setRetrying(false));
  }, [live, start, store]);

  useEffect(() => {
    const tell = (): void => store.dispatch({ type: 'offline', offline: !navigator.onLine });
    tell();
    window.addEventListener('online', tell);
    window.addEventListener('offline', tell);
    return () => {
      window.removeEventListener('online', tell);
      window.removeEventListener('offline', tell);
    };
  }, [store]);

  return { state, store, live, starting, retrying, start, retry };
}
