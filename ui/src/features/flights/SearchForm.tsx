import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, findPlaces } from '@/api/client.ts';
import { queryOf } from '@/api/query.ts';
import type { Problem, SearchResult } from '@/api/schemas.ts';
import { searchFlights } from '@/api/stream.ts';
import { isoDay } from '@/lib/locale.ts';
import { storeCountry, storeCurrency, storedCountry, storedCurrency } from '@/lib/traveller.ts';
import { askedBy, type FormValues, valuesOf } from './form.ts';
import { SearchFormView } from './SearchFormView.tsx';

type Props = {
  /** The search that is on the screen, to begin from. */
  query?: SearchResult['query'] | null;
  onFound: (result: SearchResult, language: string) => void;
  /** Told of what is there while some sources are still asked. */
  onPart?: (result: SearchResult, language: string) => void;
};

/** The form, searching over the API. */
export function SearchForm({ query = null, onFound, onPart }: Props) {
  const { i18n } = useTranslation();
  const { language } = i18n;
  const [searching, setSearching] = useState(false);
  const [problem, setProblem] = useState<Problem | 'failed' | null>(null);
  const initial = valuesOf(query, { tomorrow: isoDay(1), currency: storedCurrency(), country: storedCountry() });

  const suggest = useCallback((text: string) => findPlaces(text, language), [language]);

  async function search(values: FormValues): Promise<void> {
    setSearching(true);
    setProblem(null);
    // What a search came in is no choice of whoever reads it.
    if (values.currency !== initial.currency) storeCurrency(values.currency);
    storeCountry(values.country);
    try {
      onFound(await searchFlights(askedBy(values, query), language, (part) => onPart?.(part, language)), language);
    } catch (error) {
      if (error instanceof ApiError && error.kind === 'superseded') return;
      setProblem((error instanceof ApiError && error.problem) || 'failed');
    } finally {
      setSearching(false);
    }
  }

  return (
    <SearchFormView
      // Another search on the screen is another form; the same search in another view is not.
      key={query ? JSON.stringify(queryOf(query)) : ''}
      today={isoDay(0)}
      initial={initial}
      searching={searching}
      problem={problem}
      suggest={suggest}
      onSearch={(values) => void search(values)}
    />
  );
}
