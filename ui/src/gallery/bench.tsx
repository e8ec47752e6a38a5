/** The room with as much in it as a long call has, and its store in reach: what `tools/page` measures. */
import { useEffect } from 'react';
import { CallView } from '@/features/conversation/CallView.tsx';
import { reduce } from '@/features/conversation/state.ts';
import { createStore, useStore } from '@/lib/store.ts';
import { LevelMeter } from '@/ui/LevelMeter.tsx';
import { IDLE, LARGEST, onwards, STATES, type Step } from './states.ts';

const TURNS = 500;
const said: Step[] = Array.from({ length: TURNS }, (_, index) => ({
  type: 'speech',
  id: `turn-${index}`,
  side: index % 2 ? 'assistant' : 'user',
  text: `Turn ${index}: ${'is there a flight that leaves a little later and has a bag in its price? '.repeat(1 + (index % 3))}`,
  final: true,
  at: index,
}));
const store = createStore(reduce, onwards(STATES.listening, ...said));
const told = (step: Step): void =>
  store.dispatch({ ...step, call: store.state().calls } as Parameters<typeof reduce>[1]);

/** What the measuring script does, by name. */
const bench = {
  cards: (): void => told({ type: 'results', message: LARGEST }),
  caption: (text: string): void => told({ type: 'speech', id: 'live', side: 'assistant', text, final: false, at: 1 }),
  sort: (by: 'price' | 'duration' | 'departure'): void =>
    store.dispatch({ type: 'view', view: { ...LARGEST.view, max_stops: null, sort_by: by } }),
  filter: (max_stops: number | null): void => store.dispatch({ type: 'view', view: { ...LARGEST.view, max_stops } }),
  open: (number: number | null): void => store.dispatch({ type: 'select', number }),
};

export function Bench() {
  const state = useStore(store);
  useEffect(() => {
    Object.assign(window, { bench });
  }, []);
  return <CallView {...IDLE} state={state} meter={<LevelMeter level={0.3} />} searchForm={null} />;
}
