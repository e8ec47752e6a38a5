import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError } from '@/api/client.ts';

export type Loaded<T> = { value: T | null; problem: string | null; loading: boolean; again: () => void };

/** What went wrong, in words for an operator: the API's own, which hold no secret. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof ApiError)) return 'Something went wrong.';
  const { problem, kind } = error;
  if (problem)
    return [problem.detail || problem.title, ...problem.errors.map((one) => `${one.field}: ${one.problem}`)].join(' ');
  return kind === 'unreachable'
    ? 'The service does not answer.'
    : 'The service answered with something else than was asked for.';
}

/** The answer to a question that `key` stands for; asked again when it changes, and every `every` milliseconds. */
export function useLoaded<T>(key: string, load: () => Promise<T>, every?: number): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, 'again'>>({ value: null, problem: null, loading: true });
  const question = useRef(load);
  question.current = load;
  const number = useRef(0);
  const ask = useCallback(async (): Promise<void> => {
    const mine = ++number.current;
    setState((before) => ({ ...before, loading: true }));
    try {
      const value = await question.current();
      if (mine === number.current) setState({ value, problem: null, loading: false });
    } catch (error) {
      if (mine === number.current) setState((before) => ({ ...before, problem: wordsOf(error), loading: false }));
    }
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the question.
  useEffect(() => {
    void ask();
    if (!every) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void ask();
    }, every);
    return () => clearInterval(timer);
  }, [key, every, ask]);
  return { ...state, again: () => void ask() };
}

/** Changes something, says what went wrong, and looks `again` at what it changed. */
export function useChange(again: () => void): {
  change: (work: () => Promise<unknown>) => Promise<void>;
  problem: string | null;
} {
  const [problem, setProblem] = useState<string | null>(null);
  async function change(work: () => Promise<unknown>): Promise<void> {
    setProblem(null);
    try {
      await work();
      again();
    } catch (error) {
      setProblem(wordsOf(error));
    }
  }
  return { change, problem };
}
