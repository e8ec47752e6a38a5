import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OwnSession } from '@/api/client.ts';
import type { Offer } from '@/api/schemas.ts';
import { checkOffer, type OfferCheck, shareOffer } from '@/api/trips.ts';
import { formatMoney } from '@/lib/format.ts';
import { home } from '@/lib/home.ts';
import { Icon } from '@/ui/Icon.tsx';
import { useAsked } from './useAsked.ts';

type Props = {
  offer: Offer;
  searchId: string;
  locale: string;
  /** The call in which it was found; null outside of one. */
  own: OwnSession | null;
};

/** From an offer to where it is sold: asked for its price again first. And a link to it. */
export function HandOff({ offer, searchId, locale, own }: Props) {
  const { t, i18n } = useTranslation();
  const [checked, check] = useAsked<OfferCheck>();
  const [shared, share] = useAsked<string>();
  const [copied, setCopied] = useState(false);

  async function link(): Promise<string> {
    const { url } = await shareOffer(searchId, offer.id, own);
    // Refused where the page is not secure or the reader says no: then the address is shown to be copied by hand.
    setCopied(
      await navigator.clipboard.writeText(url).then(
        () => true,
        () => false,
      ),
    );
    return url;
  }

  return (
    <div className="hand-off">
      <div className="controls">
        <button
          type="button"
          className="button primary small"
          disabled={checked.state === 'asking'}
          onClick={() => void check(() => checkOffer(searchId, offer.id, i18n.language))}
        >
          <Icon name="check" />
          <span>{t(checked.state === 'asking' ? 'trip.checking' : 'trip.check')}</span>
        </button>
        <button
          type="button"
          className="button small"
          disabled={shared.state === 'asking'}
          onClick={() => void share(link)}
        >
          <Icon name="send" />
          <span>{t('trip.share')}</span>
        </button>
        {!home.embedded && (
          <button type="button" className="button small" onClick={() => window.print()}>
            {t('trip.print')}
          </button>
        )}
      </div>
      <div role="status">
        {checked.state === 'answered' && <Verdict check={checked.answer} offer={offer} locale={locale} />}
        {checked.state === 'failed' && <p>{t(checked.old ? 'trip.old' : 'trip.failed')}</p>}
        {shared.state === 'answered' && (
          <p>
            {copied ? t('trip.shared') : ''} <a href={shared.answer}>{shared.answer}</a>
          </p>
        )}
        {shared.state === 'failed' && <p>{t(shared.old ? 'trip.old' : 'trip.failed')}</p>}
      </div>
    </div>
  );
}

function Verdict({ check, offer, locale }: { check: OfferCheck; offer: Offer; locale: string }) {
  const { t } = useTranslation();
  const money = ({ amount, currency }: Offer['total']): string => formatMoney(amount, currency, locale);
  if (check.outcome === 'gone' || !check.offer) return <p>{t('trip.gone')}</p>;
  const target = check.booking_url ?? check.offer.deep_link;
  return (
    <>
      <p>
        {check.outcome === 'changed'
          ? t('trip.changed', { from: money(check.before), to: money(check.offer.total) })
          : t('trip.same', { price: money(check.offer.total) })}
      </p>
      {target ? (
        <a className="button primary small" href={target} target="_blank" rel="noopener noreferrer">
          {t('detail.book')}
        </a>
      ) : (
        <p className="muted">{t(offer.price_kind === 'sample' ? 'trip.sample' : 'trip.nowhere')}</p>
      )}
    </>
  );
}
