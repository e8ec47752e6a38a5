import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FlightQuery } from '@/api/query.ts';
import type { SearchResult } from '@/api/schemas.ts';
import type { Results } from '@/features/conversation/searches.ts';
import { home } from '@/lib/home.ts';
import { isoDay } from '@/lib/locale.ts';

/** Read with the first address that asks for something, or the first search that is to have one. */
const address = () => import('./address.ts');

/** Whether an address may ask for anything: what it asks for is another question. */
const asks = (search: string): boolean => /[?&](trip|origin)=/.test(search);

/** What the address asked for and could not be had: a link that is over, a search that failed. */
export type Missing = 'trip' | 'search' | null;

/** A newer search has answered before it: nothing has failed. */
export const isSuperseded = (error: unknown): boolean =>
  error instanceof Error && 'kind' in error && error.kind === 'superseded';

type Found = (result: SearchResult, language: string) => void;

/**
 * The searches of this page and its address belong together: what is found stands in the address, Back and Forward
 * bring it again, and an address with a search in it begins with it. `onAsk`: flights may be on their way.
 * `onHome`: the address asks for nothing any more.
 */
export function useSearches(
  results: Results | null,
  onFound: Found,
  onPart: Found,
  onAsk: () => void,
  onHome: () => void,
) {
  const { i18n } = useTranslation();
  const [missing, setMissing] = useState<Missing>(null);
  const shown = useRef<string | null>(null);
  const language = i18n.language;

  const search = useCallback(
    async (query: FlightQuery): Promise<void> => {
      const { searchFlights } = await import('@/api/stream.ts');
      onFound(await searchFlights(query, language, (part) => onPart(part, language)), language);
    },
    [language, onFound, onPart],
  );

  const follow = useCallback(async (): Promise<void> => {
    if (!asks(home.search())) return;
    onAsk();
    let kind: Missing = 'search';
    try {
      const place = (await address()).placeOf(home.search());
      if (place.kind === 'home') return;
      kind = place.kind;
      setMissing(null);
      if (place.kind === 'search') {
        await search(place.query);
        return;
      }
      if (place.id === '') {
        setMissing('trip');
        return;
      }
      const { sharedTrip } = await import('@/api/trips.ts');
      const trip = await sharedTrip(place.id, language);
      shown.current = trip.search.search_id;
      onFound(trip.search, language);
    } catch (error) {
      if (!isSuperseded(error)) setMissing(kind);
    }
  }, [language, onFound, onAsk, search]);

  // Once, with the address that the page was opened with; a reload has its results already.
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    // What was kept is shown where it is what the address asks for, or the address asks for nothing.
    const kept = results?.result;
    async function begin(): Promise<void> {
      const same = kept && (!asks(home.search()) || (await address()).isOf(kept.query, home.search()));
      if (!same) await follow();
    }
    shown.current = kept?.search_id ?? null;
    void begin().catch(() => undefined);
  }, [follow, results]);

  useEffect(() => {
    const back = (): void => {
      if (asks(home.search())) return void follow();
      shown.current = null;
      setMissing(null);
      // What is on its way belongs to an address that was left.
      void import('@/api/stream.ts').then(({ giveUp }) => giveUp());
      onHome();
    };
    if (home.embedded) return;
    window.addEventListener('popstate', back);
    return () => window.removeEventListener('popstate', back);
  }, [follow, onHome]);

  const query = results?.result.query;
  const id = results?.result.search_id;
  useEffect(() => {
    if (!query || !id || shown.current === id) return;
    shown.current = id;
    setMissing(null);
    void import('@/features/searches/recent.ts').then(({ note }) => note(query, isoDay(0)));
    if (home.embedded) return;
    void address().then(({ addressOf }) => {
      const its = addressOf(query);
      if (its !== location.search) history.pushState(null, '', `${location.pathname}${its}`);
    });
  }, [query, id]);

  return { search, missing };
}
