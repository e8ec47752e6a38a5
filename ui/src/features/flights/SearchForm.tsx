import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, findPlaces, searchFlights } from '@/api/client.ts';
import type { Problem, SearchResult } from '@/api/schemas.ts';
import { storeCurrency, storedCurrency } from '@/features/settings/preferences.ts';
import { countryFor, isoDay } from '@/lib/format.ts';
import { type FormValues, SearchFormView } from './SearchFormView.tsx';

type Props = {
  /** The search that is on the screen, to begin from. */
  query?: SearchResult['query'] | null;
  onFound: (result: SearchResult, language: string) => void;
};

/** The form, searching over the API. */
export function SearchForm({ query = null, onFound }: Props) {
  const { i18n } = useTranslation();
  const [searching, setSearching] = useState(false);
  const [problem, setProblem] = useState<Problem | 'failed' | null>(null);
  const initial: FormValues = {
    origin: query?.origin.name ?? '',
    destination: query?.destination.name ?? '',
    departure_date: query?.departure_date ?? isoDay(1),
    return_date: query?.return_date ?? '',
    adults: String(query?.adults ?? 1),
    currency: storedCurrency(),
  };

  const suggest = useCallback((text: string) => findPlaces(text, i18n.language), [i18n.language]);

  async function search(values: FormValues): Promise<void> {
    setSearching(true);
    setProblem(null);
    storeCurrency(values.currency);
    try {
      onFound(
        await searchFlights({ ...values, language: i18n.language, country: countryFor(i18n.language) }),
        i18n.language,
      );
    } catch (error) {
      setProblem((error instanceof ApiError && error.problem) || 'failed');
    } finally {
      setSearching(false);
    }
  }

  return (
    <SearchFormView
      // Another search on the screen is another form; the same search in another view is not.
      key={query ? JSON.stringify([query.origin.code, query.destination.code, query.departure_date]) : ''}
      today={isoDay(0)}
      initial={initial}
      searching={searching}
      problem={problem}
      suggest={suggest}
      onSearch={(values) => void search(values)}
    />
  );
}
