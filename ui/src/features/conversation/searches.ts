/** Every search of this page with its flights, the oldest first: each tied to the call and the turn that asked for it. */
import type { Offer, ResultsMessage, SearchResult, View } from '@/api/schemas.ts';
import { ALL, applyView } from '@/features/flights/view.ts';

export type Results = {
  source: 'assistant' | 'form';
  /** The call that it was found in; null: by form, without one. */
  call: number | null;
  /** What the user had said or typed last, by its entry; null where nothing was. */
  turn: string | null;
  result: SearchResult;
  language: string;
  view: View;
  /** Every offer of this search that the page has seen, whatever is chosen from them now. */
  all: Offer[];
  totalOffers: number;
  selected: number | null;
  /** More of it is on its way. */
  coming: boolean;
};

export type Searches = {
  list: readonly Results[];
  /** The one on the screen, by its search. */
  shown: string | null;
};
/** Whose it is. */
export type Asked = Pick<Results, 'call' | 'turn'>;

export const NONE: Searches = { list: [], shown: null };
/** More are not looked for again, and each may hold two hundred flights. */
export const SEARCHES_MOST = 8;

export const shownOf = ({ list, shown }: Searches): Results | null =>
  list.find(({ result }) => result.search_id === shown) ?? null;

/** Puts a search on the screen: in the place that it has already, or as the newest. */
function put({ list }: Searches, results: Results): Searches {
  const { search_id } = results.result;
  const known = list.some(({ result }) => result.search_id === search_id);
  // The same question asked again is not another search.
  const asked = JSON.stringify(results.result.query);
  const same = (one: Results): boolean =>
    one.all.length <= results.all.length && JSON.stringify(one.result.query) === asked;
  const others = list.filter((one) => !same(one));
  const next = known
    ? list.map((one) => (one.result.search_id === search_id ? results : one))
    : [...others, results].slice(-SEARCHES_MOST);
  return { list: next, shown: search_id };
}

const change = (searches: Searches, changed: (shown: Results) => Results): Searches => {
  const shown = shownOf(searches);
  return shown ? put(searches, changed(shown)) : searches;
};

/** What the assistant found, or chose from what it had found. */
export function fromAssistant(searches: Searches, message: ResultsMessage, asked: Asked): Searches {
  const { result } = message;
  const before = searches.list.find((one) => one.result.search_id === result.search_id);
  const known = new Set(before?.all.map((offer) => offer.id));
  return put(searches, {
    source: 'assistant',
    ...asked,
    result,
    language: message.language,
    view: message.view,
    all: [...(before?.all ?? []), ...result.offers.filter((offer) => !known.has(offer.id))],
    totalOffers: message.total_offers,
    selected: message.selected,
    coming: message.partial,
  });
}

/** What came by form; more of the same search keeps what was chosen from it. */
export function fromForm(
  searches: Searches,
  { result, language, coming }: Pick<Results, 'result' | 'language' | 'coming'>,
  asked: Asked,
): Searches {
  const { list } = broken(searches, result.search_id);
  const before = list.find((one) => one.result.search_id === result.search_id);
  const view = before?.view ?? ALL;
  const offers = before ? applyView(result.offers, view) : result.offers;
  const chosen = before?.selected ? before.result.offers[before.selected - 1]?.id : undefined;
  return put(
    { ...searches, list },
    {
      source: 'form',
      ...asked,
      result: { ...result, offers },
      language,
      view,
      all: result.offers,
      totalOffers: result.offers.length,
      selected: offers.findIndex((offer) => offer.id === chosen) + 1 || null,
      coming,
    },
  );
}

/** Nothing more comes of what was searched by form: it was left, or another search (`but`) has come before. */
export function broken(searches: Searches, but: string | null = null): Searches {
  const left = ({ source, coming, result }: Results): boolean =>
    source === 'form' && coming && result.search_id !== but;
  if (!searches.list.some(left)) return searches;
  const ended = (one: Results): Results => ({ ...one, coming: false, result: { ...one.result, complete: false } });
  return { ...searches, list: searches.list.map((one) => (left(one) ? ended(one) : one)) };
}

/** Another choice from what the page itself has; the assistant's own comes as results. */
export const viewed = (searches: Searches, view: View): Searches =>
  change(searches, (shown) => ({
    ...shown,
    view,
    selected: null,
    result: { ...shown.result, offers: applyView(shown.all, view) },
  }));

/** One card, or none; one that is not there changes nothing. */
export function selected(searches: Searches, number: number | null): Searches {
  const count = shownOf(searches)?.result.offers.length ?? 0;
  return number === null || number <= count ? change(searches, (shown) => ({ ...shown, selected: number })) : searches;
}

/** An earlier search again. */
export const brought = (searches: Searches, searchId: string): Searches =>
  searches.list.some(({ result }) => result.search_id === searchId) ? { ...searches, shown: searchId } : searches;

/** Nothing more comes of what the assistant was asked: it was stopped, or its call is over. */
export const closed = (searches: Searches): Searches =>
  searches.list.some(({ source, coming }) => source === 'assistant' && coming)
    ? {
        ...searches,
        list: searches.list.map((one) => (one.source === 'assistant' ? { ...one, coming: false } : one)),
      }
    : searches;
