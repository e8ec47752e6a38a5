import { useCallback, useEffect, useRef, useState } from 'react';
import { failure, resultsOf, stageOf } from '@/features/conversation/selectors.ts';
import { type Action, initialState, reduce, type State } from '@/features/conversation/state.ts';
import type { Call, CallOptions } from '@/features/voice/index.ts';
import { home, isHere } from '@/lib/home.ts';
import { isCompanion } from '@/lib/kept.ts';
import { createStore, type Store, useStore } from '@/lib/store.ts';

const REMEMBER_MS = 500;

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

  const call = live?.call;
  const phase = stageOf(state);
  useEffect(() => {
    if (!call || phase !== 'live') return;
    const onKey = (event: KeyboardEvent): void => {
      // Not the one that cancels what an input method is composing, or closes what is open over the page.
      const taken = event.defaultPrevented || event.isComposing || home.root.querySelector('[popover][data-open=true]');
      if (event.key === 'Escape' && !taken && isHere(event)) void call.stop();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [call, phase]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let remember: ((state: State) => void) | undefined;
    const save = (): void => {
      clearTimeout(timer);
      timer = undefined;
      remember?.(store.state());
    };
    const stop = store.subscribe(() => {
      if (store.state().call.phase === 'idle' && !resultsOf(store.state())) return;
      // Fetched with the first thing worth keeping.
      timer ??= setTimeout(() => {
        import('@/features/conversation/memory.ts')
          .then((memory) => {
            remember = memory.remember;
          })
          .finally(save);
      }, REMEMBER_MS);
    });
    window.addEventListener('pagehide', save);
    return () => {
      stop();
      clearTimeout(timer);
      window.removeEventListener('pagehide', save);
    };
  }, [store]);

  useEffect(() => {
    if (phase !== 'live') return;
    let stop: (() => void) | undefined;
    let over = false;
    void import('./during.ts').then(({ during }) => {
      if (!over) stop = during(call);
    });
    return () => {
      over = true;
      stop?.();
    };
  }, [phase, call]);

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
