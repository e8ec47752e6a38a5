import { useTranslation } from 'react-i18next';
import type { Results } from '@/features/conversation/searches.ts';
import { formatDay } from '@/lib/format.ts';
import { To } from '@/ui/To.tsx';

type Props = {
  searches: readonly Results[];
  /** The one on the screen. */
  shown: string;
  locale: string;
  onShow: (searchId: string) => void;
};

/** What was found on this page before, with its flights, each one tap away; nothing where there is only one search. */
export function EarlierView({ searches, shown, locale, onShow }: Props) {
  const { t } = useTranslation();
  if (searches.length < 2) return null;
  return (
    <nav className="earlier" aria-label={t('recent.title')}>
      <ul className="chips">
        {[...searches].reverse().map(({ result: { search_id, query } }) => (
          <li key={search_id}>
            <button
              type="button"
              className="button small"
              aria-current={search_id === shown ? 'true' : undefined}
              onClick={() => onShow(search_id)}
            >
              {/* One run of text: what lies loose in a button is set apart by its gap. */}
              <span>
                <bdi>{query.origin.name}</bdi> <To /> <bdi>{(query.further.at(-1) ?? query).destination.name}</bdi>,{' '}
                {formatDay(query.departure_date, locale)}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
