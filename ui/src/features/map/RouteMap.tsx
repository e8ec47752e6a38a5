import { Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Offer } from '@/api/schemas.ts';
import { airportPositions } from '@/api/trips.ts';
import { useAsked } from '@/features/trips/useAsked.ts';
import { part } from '@/ui/part.tsx';
import type { Position } from './geometry.ts';

const View = part(async () => (await import('./RouteMapView.tsx')).RouteMapView);

type Props = { offer: Offer; locale: string };

const codesOf = (offer: Offer): string[] => [
  ...new Set(
    offer.slices.flatMap(({ segments }) => segments.flatMap((part) => [part.origin.code, part.destination.code])),
  ),
];

/** Where the chosen flight goes; land and positions are fetched when it is opened, from nowhere but the API. */
export function RouteMap({ offer, locale }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [asked, ask] = useAsked<ReadonlyMap<string, Position>>();
  const codes = codesOf(offer).join(' ');
  useEffect(() => {
    if (open) void ask(() => airportPositions(codes.split(' ')));
  }, [open, codes, ask]);
  return (
    <details className="by-form" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('map.title')}</summary>
      <div role="status">{asked.state === 'failed' && <p>{t('trip.failed')}</p>}</div>
      {asked.state === 'answered' && (
        <Suspense>
          <View offer={offer} positions={asked.answer} locale={locale} />
        </Suspense>
      )}
    </details>
  );
}
