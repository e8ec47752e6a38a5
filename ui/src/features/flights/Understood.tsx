import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { type FlightQuery, queryOf, type Wishes } from '@/api/query.ts';
import type { SearchResult } from '@/api/schemas.ts';
import { formatDay, formatMoney, formatTime } from '@/lib/format.ts';
import { Icon } from '@/ui/Icon.tsx';

type Props = {
  result: SearchResult;
  locale: string;
  /** Opens the form at one of its fields. */
  onEdit: (field: string) => void;
  /** The same search with something else in it. */
  onSearch?: ((query: FlightQuery) => void) | undefined;
};

/** What was understood, each part one tap from being corrected; and the other places that a name can mean. */
export function Understood({ result, locale, onEdit, onSearch }: Props) {
  const { t } = useTranslation();
  const { query } = result;
  const dates = [query.departure_date, ...query.further.map((leg) => leg.date), query.return_date].filter(
    (date) => date !== null,
  );
  const party = [
    t('results.adults', { count: query.adults }),
    query.children.length > 0 && t('results.children', { count: query.children.length }),
    query.infants > 0 && t('results.infants', { count: query.infants }),
  ].filter((part) => part !== false);
  const chip = (field: string, text: string) => (
    <li key={field}>
      <button type="button" className="button small" onClick={() => onEdit(field)}>
        <span className="sr-only">{t('understood.change')} </span>
        {text}
      </button>
    </li>
  );
  return (
    <>
      <ul className="chips understood" aria-label={t('understood.title')}>
        {chip('departure_date', dates.map((date) => formatDay(date, locale)).join(' – '))}
        {chip('adults', party.join(', '))}
        {chip('cabin', t(`cabin.${query.cabin}`))}
        {onSearch &&
          wishes(t, query, locale).map(([text, without]) => (
            <li key={text}>
              <button
                type="button"
                className="button small"
                onClick={() => onSearch({ ...queryOf(query), ...without })}
              >
                {text}
                <Icon name="end" />
                <span className="sr-only">{t('view.remove')}</span>
              </button>
            </li>
          ))}
      </ul>
      {onSearch && result.namesakes.length > 0 && <Namesakes result={result} onSearch={onSearch} />}
    </>
  );
}

/** What was wished for beyond places, days and party, in words, and the question without it. */
function wishes(t: TFunction, query: SearchResult['query'], locale: string): [string, Partial<Wishes>][] {
  const { filters, max_stops } = query;
  const several = query.return_date !== null || query.further.length > 0;
  // Of several flights a time of day is the first one's, and the most stops are each one's.
  const time = (
    key: 'view.from' | 'view.until' | 'understood.arrive_from' | 'understood.arrive',
    clock: string | null,
  ) => clock !== null && of('understood.first', t(key, { time: formatTime(`2026-01-01T${clock}`, locale) }));
  const of = (key: 'understood.first' | 'understood.each', what: string) => (several ? t(key, { what }) : what);
  const found: [string | false | null, Partial<Wishes>][] = [
    [
      max_stops !== null &&
        of('understood.each', max_stops === 0 ? t('card.nonstop') : t('view.stops', { count: max_stops })),
      { max_stops: null },
    ],
    [Boolean(filters.checked_bags) && t('card.checked', { pieces: filters.checked_bags }), { checked_bags: null }],
    [filters.refundable && t('detail.refundable.yes'), { refundable: false }],
    [filters.airlines.length > 0 && t('understood.only', { names: filters.airlines.join(', ') }), { airlines: [] }],
    [
      filters.without_airlines.length > 0 && t('understood.without', { names: filters.without_airlines.join(', ') }),
      { without_airlines: [] },
    ],
    [time('view.from', filters.depart_from), { depart_from: null }],
    [time('view.until', filters.depart_until), { depart_until: null }],
    [time('understood.arrive_from', filters.arrive_from), { arrive_from: null }],
    [time('understood.arrive', filters.arrive_until), { arrive_until: null }],
    [
      filters.max_price && t('view.price', { price: formatMoney(filters.max_price, query.currency, locale) }),
      { max_price: null },
    ],
  ];
  return found.flatMap(([text, without]) => (text ? [[text, without] as [string, Partial<Wishes>]] : []));
}

type Named = { code: string; name: string };

/** The same journey, with another place of the name wherever the name stands in it. */
function meaning(query: SearchResult['query'], place: Named): FlightQuery {
  const meant = <T extends Named>(end: T): T => (end.name === place.name ? { ...end, code: place.code } : end);
  return queryOf({
    ...query,
    origin: meant(query.origin),
    destination: meant(query.destination),
    further: query.further.map((leg) => ({ ...leg, origin: meant(leg.origin), destination: meant(leg.destination) })),
  });
}

/** Other places of the same name: a tap, and it is that one. */
function Namesakes({ result, onSearch }: { result: SearchResult; onSearch: (query: FlightQuery) => void }) {
  const { t } = useTranslation();
  const { query } = result;
  return (
    <section className="namesakes" aria-label={t('understood.meant')}>
      <span>{t('understood.meant')}</span>
      <ul className="chips">
        {result.namesakes.map((place) => (
          <li key={place.code}>
            <button type="button" className="button small" onClick={() => onSearch(meaning(query, place))}>
              <bdi>{place.area ? `${place.name}, ${place.area}` : place.name}</bdi>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
