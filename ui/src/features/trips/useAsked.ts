import { useCallback, useRef, useState } from 'react';
import { ApiError } from '@/api/client.ts';

/** A question to the API that a button asks: its answer, or why there is none. */
export type Asked<T> =
  | { state: 'idle' }
  | { state: 'asking' }
  | { state: 'answered'; answer: T }
  /** `old`: the API knows nothing of it any more. `refused`: the field that it does not take; asking again is no use. */
  | { state: 'failed'; old: boolean; refused: string | null };

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
      const problem = error instanceof ApiError ? error.problem : null;
      const refused = problem?.status === 422 ? (problem.errors[0]?.field ?? null) : null;
      next = { state: 'failed', old: problem?.status === 404, refused };
    }
    if (number === latest.current) setAsked(next);
  }, []);
  return [asked, ask];
}
