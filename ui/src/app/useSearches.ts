import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FlightQuery } from '@/api/query.ts';
import type { SearchResult } from '@/api/schemas.ts';
import type { Results } from '@/features/conversation/searches.ts';
import { storedCountry } from '@/features/settings/preferences.ts';
import { home } from '@/lib/home.ts';
import { countryFor, isoDay } from '@/lib/locale.ts';
import { addressOf, placeOf } from './address.ts';

/** What the address asked for and could not be had: a link that is over, a search that failed. */
export type Missing = 'trip' | 'search' | null;

type Found = (result: SearchResult, language: string) => void;

/**
 * The searches of this page and its address belong together: what is found stands in the address, Back and Forward
 * bring it again, and an address with a search in it begins with it.
 */
export function useSearches(results: Results | null, onFound: Found, onPart: Found) {
  const { i18n } = useTranslation();
  const [missing, setMissing] = useState<Missing>(null);
  const shown = useRef<string | null>(null);
  const language = i18n.language;

  const search = useCallback(
    async (query: FlightQuery): Promise<void> => {
      const { searchFlights } = await import('@/api/stream.ts');
      const country = storedCountry() || countryFor(language);
      onFound(await searchFlights(query, language, country, (part) => onPart(part, language)), language);
    },
    [language, onFound, onPart],
  );

  const follow = useCallback(async (): Promise<void> => {
    const place = placeOf(home.search());
    if (place.kind === 'home') return;
    setMissing(null);
    try {
      if (place.kind === 'search') {
        await search(place.query);
        return;
      }
      const { sharedTrip } = await import('@/api/trips.ts');
      const trip = await sharedTrip(place.id);
      shown.current = trip.search.search_id;
      onFound(trip.search, language);
    } catch {
      setMissing(place.kind);
    }
  }, [language, onFound, search]);

  // Once, with the address that the page was opened with; a reload has its results already.
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    // What was kept is shown where it is what the address asks for, or the address asks for nothing.
    const { kind } = placeOf(home.search());
    const same =
      kind === 'home' || (kind === 'search' && results !== null && addressOf(results.result.query) === home.search());
    if (!results || !same) void follow();
    else shown.current = results.result.search_id;
  }, [follow, results]);

  useEffect(() => {
    const back = (): void => void follow();
    if (home.embedded) return;
    window.addEventListener('popstate', back);
    return () => window.removeEventListener('popstate', back);
  }, [follow]);

  const query = results?.result.query;
  const id = results?.result.search_id;
  useEffect(() => {
    if (!query || !id || shown.current === id) return;
    shown.current = id;
    setMissing(null);
    void import('@/features/searches/recent.ts').then(({ note }) => note(query, isoDay(0)));
    const address = addressOf(query);
    if (address !== location.search && !home.embedded) history.pushState(null, '', `${location.pathname}${address}`);
  }, [query, id]);

  return { search, missing };
}
