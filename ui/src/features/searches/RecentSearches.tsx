import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDay } from '@/lib/format.ts';
import { isoDay, localeFor } from '@/lib/locale.ts';
import { To } from '@/ui/To.tsx';
import { forgetAll, type Recent, recent } from './recent.ts';

/** How many travel; each search says it where it is more than one. */
const party = ({ adults, children, infants }: Recent['query']): number => adults + children.length + infants;

type Props = { onSearch: (search: Recent) => void };

/** What was searched on this device before, each one tap away; nothing where there is none. */
export function RecentSearches({ onSearch }: Props) {
  const { t, i18n } = useTranslation();
  const locale = localeFor(i18n.language);
  const [searches, setSearches] = useState(() => recent(isoDay(0)));
  if (searches.length === 0) return null;
  return (
    <section className="recent" aria-label={t('recent.title')}>
      <h3>{t('recent.title')}</h3>
      <ul className="chips">
        {searches.map((search) => (
          <li key={JSON.stringify(search)}>
            <button type="button" className="button small" onClick={() => onSearch(search)}>
              <bdi>{search.from}</bdi> <To /> <bdi>{search.to}</bdi>,{' '}
              {[search.query.departure_date, ...search.query.further.map(({ date }) => date), search.query.return_date]
                .filter((date) => date !== null)
                .map((date) => formatDay(date, locale))
                .join(' – ')}
              {party(search.query) > 1 && ` · ${party(search.query)}`}
            </button>
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="button quiet small"
        onClick={() => {
          forgetAll();
          setSearches([]);
        }}
      >
        {t('recent.clear')}
      </button>
    </section>
  );
}
