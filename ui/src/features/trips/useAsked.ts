import { useCallback, useRef, useState } from 'react';
import { ApiError } from '@/api/client.ts';

/** A question to the API that a button asks: its answer, or why there is none. */
export type Asked<T> =
  | { state: 'idle' }
  | { state: 'asking' }
  | { state: 'answered'; answer: T }
  /** `old`: the API knows nothing of it any more. */
  | { state: 'failed'; old: boolean };

/** Asks when told to; an answer to an earlier question is dropped. */
export function useAsked<T>(): [asked: Asked<T>, ask: (question: () => Promise<T>) => Promise<void>] {
  const [asked, setAsked] = useState<Asked<T>>({ state: 'idle' });
  const latest = useRef(0);
  const ask = useCallback(async (question: () => Promise<T>): Promise<void> => {
    const number = ++latest.current;
    setAsked({ state: 'asking' });
    let next: Asked<T>;
    try {
      next = { state: 'answered', answer: await question() };
    } catch (error) {
      next = { state: 'failed', old: error instanceof ApiError && error.problem?.status === 404 };
    }
    if (number === latest.current) setAsked(next);
  }, []);
  return [asked, ask];
}
