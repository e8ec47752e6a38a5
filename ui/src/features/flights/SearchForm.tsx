import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, searchFlights } from '@/api/client.ts';
import type { Problem, SearchResult } from '@/api/schemas.ts';
import { isoDay } from '@/lib/format.ts';
import { type FormValues, SearchFormView } from './SearchFormView.tsx';

type Props = { onFound: (result: SearchResult, language: string) => void };

/** The form, searching over the API. */
export function SearchForm({ onFound }: Props) {
  const { i18n } = useTranslation();
  const [searching, setSearching] = useState(false);
  const [problem, setProblem] = useState<Problem | 'failed' | null>(null);

  async function search(values: FormValues): Promise<void> {
    setSearching(true);
    setProblem(null);
    try {
      onFound(await searchFlights({ ...values, language: i18n.language }), i18n.language);
    } catch (error) {
      setProblem((error instanceof ApiError && error.problem) || 'failed');
    } finally {
      setSearching(false);
    }
  }

  return (
    <SearchFormView
      today={isoDay(0)}
      initialDate={isoDay(1)}
      searching={searching}
      problem={problem}
      onSearch={(values) => void search(values)}
    />
  );
}
