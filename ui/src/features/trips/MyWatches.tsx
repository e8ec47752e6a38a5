import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Alert, alertOf, pauseAlert, removeAlert } from '@/api/trips.ts';
import { formatDay, formatMoney } from '@/lib/format.ts';
import { localeFor } from '@/lib/locale.ts';
import { To } from '@/ui/To.tsx';
import { dropWatch, onWatches, type Watch, watches } from './watches.ts';

type Held = { watch: Watch; alert: Alert };

/** The price watches of this device, to pause and to remove; nothing where there are none. */
export function MyWatches() {
  const { t } = useTranslation();
  const [mine, setMine] = useState(() => watches().length);
  const [held, setHeld] = useState<Held[] | null>(null);
  const [failed, setFailed] = useState(false);

  const look = useCallback(async (): Promise<void> => {
    const found: Held[] = [];
    for (const watch of watches()) {
      const alert = await alertOf(watch.token);
      // Over, or unsubscribed from by mail.
      if (alert) found.push({ watch, alert });
      else dropWatch(watch.id);
    }
    setHeld(found);
  }, []);

  const opened = held !== null;
  useEffect(
    () =>
      onWatches(() => {
        // What was removed leaves its words behind.
        setMine((before) => Math.max(before, watches().length));
        if (opened) void look().catch(() => setFailed(true));
      }),
    [look, opened],
  );

  async function change(work: Promise<unknown>): Promise<void> {
    setFailed(false);
    try {
      await work;
      await look();
    } catch {
      setFailed(true);
    }
  }

  if (mine === 0) return null;
  return (
    <details
      className="by-form"
      onToggle={(event) => {
        if (event.currentTarget.open) void change(Promise.resolve());
      }}
    >
      <summary>{t('alert.mine')}</summary>
      <p role="status">{failed ? t('trip.failed') : held?.length === 0 ? t('alert.none') : ''}</p>
      <ul className="watches">
        {held?.map(({ watch, alert }) => (
          <WatchView
            key={alert.id}
            alert={alert}
            onPause={(paused) => void change(pauseAlert(alert.id, watch.token, paused))}
            onRemove={() =>
              void change(
                removeAlert(alert.id, watch.token).then(() => {
                  dropWatch(alert.id);
                }),
              )
            }
          />
        ))}
      </ul>
    </details>
  );
}

type ViewProps = { alert: Alert; onPause: (paused: boolean) => void; onRemove: () => void };

/** One price watch. */
export function WatchView({ alert, onPause, onRemove }: ViewProps) {
  const { t, i18n } = useTranslation();
  const locale = localeFor(i18n.language);
  const { query, status, last_price: last, max_price: most, currency } = alert;
  const days = [query.departure_date, query.return_date].filter((date) => date !== null);
  return (
    <li>
      <strong>
        <bdi>{query.origin.name}</bdi> <To /> <bdi>{query.destination.name}</bdi>
      </strong>
      <span>{days.map((date) => formatDay(date, locale)).join(' – ')}</span>
      <span className="muted small">
        {[
          t(`alert.status.${status}`),
          last && t('alert.last', { price: formatMoney(last.amount, last.currency, locale) }),
          most && t('view.price', { price: formatMoney(most, currency, locale) }),
          alert.email,
        ]
          .filter(Boolean)
          .join(' · ')}
      </span>
      <span className="controls">
        {status !== 'unconfirmed' && (
          <button type="button" className="button small" onClick={() => onPause(status === 'active')}>
            {t(status === 'active' ? 'alert.pause' : 'alert.resume')}
          </button>
        )}
        <button type="button" className="button small" onClick={onRemove}>
          {t('alert.remove')}
        </button>
      </span>
    </li>
  );
}
