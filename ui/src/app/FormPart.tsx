import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { FlightQuery } from '@/api/query.ts';
import type { SearchResult } from '@/api/schemas.ts';
import { SearchForm } from '@/features/flights/SearchForm.tsx';
import { RecentSearches } from '@/features/searches/RecentSearches.tsx';
import { MyWatches } from '@/features/trips/index.ts';

type Props = {
  query: SearchResult['query'] | null;
  onFound: (result: SearchResult, language: string) => void;
  onPart: (result: SearchResult, language: string) => void;
  onSearch: (query: FlightQuery) => void;
};

/** The search without an assistant: the form, what was searched before, and the price watches. */
export const FormPart = memo(function FormPart({ query, onFound, onPart, onSearch }: Props) {
  const { i18n } = useTranslation();
  return (
    <>
      <SearchForm query={query} onFound={onFound} onPart={onPart} />
      <RecentSearches key={i18n.language} onSearch={({ query }) => onSearch(query)} />
      <MyWatches />
    </>
  );
});
