import {
  type ReactNode,
  startTransition,
  useCallback,
  useDeferredValue,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import type { FlightQuery } from '@/api/query.ts';
import type { Offer, View } from '@/api/schemas.ts';
import type { Results } from '@/features/conversation/searches.ts';
import { localeFor } from '@/lib/locale.ts';
import { Banner } from '@/ui/Banner.tsx';
import { To } from '@/ui/To.tsx';
import { EarlierView } from './EarlierView.tsx';
import { labelsOf } from './facets.ts';
import { OfferRow } from './OfferRow.tsx';
import { Understood } from './Understood.tsx';
import { ViewControls } from './ViewControls.tsx';

/** More side by side cannot be read, and the API takes no more. */
const COMPARED_MAX = 4;

type Props = {
  results: Results;
  /** Every search of this page, this one among them. */
  earlier?: readonly Results[];
  onShow?: ((searchId: string) => void) | undefined;
  searching: boolean;
  /** Something stands above that must be seen first. */
  second?: boolean;
  /** A card was opened, or closed. */
  onSelect: (number: number | null) => void;
  onView: (view: View) => void;
  /** The same search with something else in it. */
  onSearch?: ((query: FlightQuery) => void) | undefined;
  /** Another search by form. */
  searchForm: ReactNode;
  /** What can be done with an offer: booked, shared. */
  actions?: (offer: Offer) => ReactNode;
  /** Some of the offers side by side. */
  compare?: (offerIds: string[], onClose: () => void) => ReactNode;
  /** Around the search: prices of other days, being told of changes. */
  around?: ReactNode;
};

/** The offers of the latest search, in the order in which the assistant counts them. */
export function ResultsView(props: Props) {
  const { results, searching, second = false, onSelect, onView, searchForm } = props;
  const { t, i18n } = useTranslation();
  const locale = localeFor(i18n.language);
  const { query, offers, price_kind, search_id, complete, unkept } = results.result;
  const top = useRef<HTMLElement>(null);
  const places = [
    { field: 'origin', name: query.origin.name },
    { field: 'destination', name: query.destination.name },
    ...query.further.map((leg, index) => ({ field: `further.${index}.destination`, name: leg.destination.name })),
  ];
  const form = useRef<HTMLDetailsElement>(null);

  function edit(field: string): void {
    const { current } = form;
    if (!current) return;
    current.open = true;
    const input = current.querySelector<HTMLElement>(`[name="${field}"]`);
    input?.scrollIntoView?.({ block: 'center' });
    input?.focus();
  }

  // The rows follow the words and controls above them, in steps that leave room for what is said and pressed meanwhile;
  // the controls of a first search come with them.
  const rows = useDeferredValue(results, null);
  const drawn = rows?.result.search_id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another search is the reason, not an input.
  useEffect(() => {
    // Not before its rows are there: a page that is too short cannot scroll.
    if (drawn && !second) top.current?.scrollIntoView?.({ block: 'start' });
  }, [drawn]);
  const { chosen, choose, clear } = useChosen(search_id, results.all);
  return (
    <div className="results" aria-busy={searching}>
      <header className="results-header" ref={top}>
        <h2 lang={results.language || undefined}>
          {places.map(({ field, name }, index) => (
            <span key={field}>
              {index > 0 && (
                <>
                  {' '}
                  <To />{' '}
                </>
              )}
              <button type="button" title={t('understood.change')} onClick={() => edit(field)}>
                <bdi>{name}</bdi>
              </button>
            </span>
          ))}
        </h2>
        <Understood result={results.result} locale={locale} onEdit={edit} onSearch={props.onSearch} />
        <p className="summary">
          {results.totalOffers > offers.length
            ? t('results.shown', { shown: offers.length, total: results.totalOffers })
            : t('results.count', { count: offers.length })}
          {query.adults + query.children.length + query.infants > 1 && <> · {t('results.for_all')}</>}
        </p>
        {rows && <ViewControls results={results} locale={locale} onView={onView} />}
      </header>
      {props.onShow && (
        <EarlierView searches={props.earlier ?? []} shown={search_id} locale={locale} onShow={props.onShow} />
      )}
      {price_kind === 'sample' && <Banner severity="warning">{t('results.sample')}</Banner>}
      {(price_kind === 'metasearch' || price_kind === 'cached') && (
        <Banner severity="info">{t('results.indicative')}</Banner>
      )}
      {!complete && <Banner severity="info">{t('results.incomplete')}</Banner>}
      {unkept.map((wish) => (
        <Banner key={wish} severity="info">
          {t(`results.unkept.${wish}`)}
        </Banner>
      ))}
      {chosen.length > 1 && props.compare?.(chosen, clear)}
      {offers.length === 0 && <p className="muted">{t('results.none')}</p>}
      {rows && (
        <>
          <Rows
            results={rows}
            selected={rows.result.offers === offers ? results.selected : rows.selected}
            chosen={chosen}
            follow={!second}
            onSelect={onSelect}
            onCompare={choose}
            actions={props.actions}
          />
          {props.around}
          <details className="by-form" ref={form}>
            <summary>{t('form.title')}</summary>
            {searchForm}
          </details>
        </>
      )}
    </div>
  );
}

type RowsProps = {
  results: Results;
  selected: number | null;
  /** Offers that are compared. */
  chosen: string[];
  /** Whether what is selected is brought into view. */
  follow: boolean;
  onSelect: (number: number | null) => void;
  onCompare: (offer: Offer, compared: boolean) => void;
  actions: Props['actions'];
};

function Rows({ results, selected, chosen, follow, onSelect, onCompare, actions }: RowsProps) {
  const { offers, search_id } = results.result;
  const labels = useMemo(() => labelsOf(offers), [offers]);
  const count = useGrowing(`${search_id} ${JSON.stringify(results.view)}`, offers.length, selected ?? 0);
  // The same for every drawing: a row is drawn again when something of its own has changed.
  const latest = useRef({ onSelect, onCompare });
  latest.current = { onSelect, onCompare };
  const select = useCallback((number: number | null): void => latest.current.onSelect(number), []);
  const compare = useCallback((offer: Offer, on: boolean): void => latest.current.onCompare(offer, on), []);
  const comparable = (offer: Offer): boolean =>
    results.all.length > 1 && (chosen.includes(offer.id) || chosen.length < COMPARED_MAX);
  return (
    <ol className="offers">
      {offers.slice(0, count).map((offer, index) => (
        <li key={offer.id}>
          <OfferRow
            offer={offer}
            number={index + 1}
            label={labels.get(offer.id) ?? null}
            selected={selected === index + 1}
            follow={follow}
            onSelect={select}
            compared={comparable(offer) ? chosen.includes(offer.id) : null}
            onCompare={compare}
            actions={selected === index + 1 && actions?.(offer)}
          />
        </li>
      ))}
    </ol>
  );
}

/** So few that they are there at once on a slow machine; then what fills a screen, then so many more at a time. */
const AT_ONCE = 8;
const SCREEN = 16;
const MORE = 24;

/** How many rows to draw: a screen of them at once, the others piece by piece. `of`: what they were chosen by. */
function useGrowing(of: string, all: number, selected: number): number {
  const [grown, setGrown] = useState({ of, count: AT_ONCE });
  const count = grown.of === of ? grown.count : AT_ONCE;
  useEffect(() => {
    if (count >= all) return;
    const next = setTimeout(() =>
      startTransition(() => setGrown({ of, count: count < SCREEN ? count + AT_ONCE : count + MORE })),
    );
    return () => clearTimeout(next);
  }, [of, count, all]);
  return Math.min(all, Math.max(count, selected));
}

/** The offers that are compared, of this search alone. */
function useChosen(searchId: string, all: Offer[]) {
  const [kept, setKept] = useState<{ searchId: string; ids: string[] }>({ searchId, ids: [] });
  const chosen = kept.searchId === searchId ? kept.ids.filter((id) => all.some((offer) => offer.id === id)) : [];
  return {
    chosen,
    choose: (offer: Offer, compared: boolean): void => {
      const others = chosen.filter((id) => id !== offer.id);
      setKept({ searchId, ids: compared ? [...others, offer.id] : others });
    },
    clear: (): void => setKept({ searchId, ids: [] }),
  };
}
