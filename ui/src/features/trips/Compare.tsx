import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { type Comparison, compareOffers } from '@/api/trips.ts';
import { CompareView } from './CompareView.tsx';
import { useAsked } from './useAsked.ts';

type Props = { searchId: string; offerIds: string[]; locale: string; onClose: () => void };

/** Two to four offers side by side, in the facts in which they differ. */
export function Compare({ searchId, offerIds, locale, onClose }: Props) {
  const { t, i18n } = useTranslation();
  const [asked, ask] = useAsked<Comparison>();
  const key = offerIds.join(' ');
  useEffect(() => {
    void ask(() => compareOffers(searchId, key.split(' '), i18n.language));
  }, [searchId, key, i18n.language, ask]);
  return (
    <section className="compare" aria-label={t('compare.title')}>
      <div role="status">
        {asked.state === 'asking' && <p className="muted">{t('trip.checking')}</p>}
        {asked.state === 'failed' && <p>{t(asked.old ? 'trip.old' : 'trip.failed')}</p>}
      </div>
      {asked.state === 'answered' && <CompareView comparison={asked.answer} locale={locale} />}
      <button type="button" className="button small" onClick={onClose}>
        {t('compare.close')}
      </button>
    </section>
  );
}
