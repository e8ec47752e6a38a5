import { useCallback, useEffect } from 'react';
import { resultsOf, stageOf } from '@/features/conversation/selectors.ts';
import type { State } from '@/features/conversation/state.ts';
import { home, isHere } from '@/lib/home.ts';
import { during } from './during.ts';
import type { CallHandle } from './useCall.ts';
import { useHold } from './useHold.ts';

const REMEMBER_MS = 500;

/** What holds while there is a call, or something that was said or found: keys, the device's sleep, what is remembered. */
export function useRoom({ state, store, live }: CallHandle, held: boolean): void {
  const call = live?.call;
  const phase = stageOf(state);
  const onSpace = useCallback((open: boolean) => call?.hold(open ? 'open' : 'closed'), [call]);
  useHold(held, onSpace);

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

  useEffect(() => (phase === 'live' ? during(call) : undefined), [phase, call]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let remember: ((state: State) => void) | undefined;
    const save = (): void => {
      clearTimeout(timer);
      timer = undefined;
      remember?.(store.state());
    };
    const soon = (): void => {
      if (store.state().call.phase === 'idle' && !resultsOf(store.state())) return;
      // Fetched with the first thing worth keeping.
      timer ??= setTimeout(() => {
        import('@/features/conversation/memory.ts')
          .then((memory) => {
            remember = memory.remember;
          })
          .finally(save);
      }, REMEMBER_MS);
    };
    soon(); // What brought the room is worth it already.
    const stop = store.subscribe(soon);
    window.addEventListener('pagehide', save);
    return () => {
      stop();
      clearTimeout(timer);
      window.removeEventListener('pagehide', save);
    };
  }, [store]);
}
