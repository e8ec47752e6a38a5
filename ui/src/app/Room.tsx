import { lazy, Suspense, useId, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { type FlightQuery, queryOf } from '@/api/query.ts';
import type { SearchResult } from '@/api/schemas.ts';
import { CallView, type CallViewProps } from '@/features/conversation/CallView.tsx';
import { resultsOf, stageOf } from '@/features/conversation/selectors.ts';
import { ConsentView, type Recording, StartView } from '@/features/conversation/WelcomeView.tsx';
import type { Call } from '@/features/voice/index.ts';
import { localeFor } from '@/lib/locale.ts';
import { FormPart } from './FormPart.tsx';

const HandOff = lazy(async () => ({ default: (await import('@/features/trips/index.ts')).HandOff }));
const Compare = lazy(async () => ({ default: (await import('@/features/trips/index.ts')).Compare }));
const PriceGraph = lazy(async () => ({ default: (await import('@/features/trips/index.ts')).PriceGraph }));
const RouteMap = lazy(async () => ({ default: (await import('@/features/map/RouteMap.tsx')).RouteMap }));
const WatchPrice = lazy(async () => ({ default: (await import('@/features/trips/index.ts')).WatchPrice }));

type Props = Omit<CallViewProps, 'searchForm' | 'begin' | 'actions' | 'compare' | 'around'> & {
  call: Call | undefined;
  storeTurns: boolean;
  recording: Recording;
  starting: boolean;
  onStoreTurns: (store: boolean) => void;
  onIntent: () => void;
  onStart: () => void;
  onType: () => void;
  onFound: (result: SearchResult, language: string) => void;
  onPart: (result: SearchResult, language: string) => void;
  /** The same search with something else in it. */
  onSearch: (query: FlightQuery) => void;
};

/** The room with everything that can be done in it. A part of its own: who has not begun needs none of it. */
export function Room(props: Props) {
  const { i18n } = useTranslation();
  const { state, call } = props;
  const locale = localeFor(i18n.language);
  const results = resultsOf(state);
  const result = results?.result;
  const chosen = result?.offers[(results?.selected ?? 1) - 1];
  const own = stageOf(state) === 'live' ? (call?.own ?? null) : null;
  return (
    <CallView
      {...props}
      searchForm={
        <FormPart
          query={result?.query ?? null}
          onFound={props.onFound}
          onPart={props.onPart}
          onSearch={props.onSearch}
        />
      }
      begin={<Begin {...props} />}
      actions={(offer) =>
        result && (
          <Suspense>
            <HandOff key={offer.id} offer={offer} searchId={result.search_id} locale={locale} own={own} />
          </Suspense>
        )
      }
      compare={(offerIds, onClose) =>
        result && (
          <Suspense>
            <Compare searchId={result.search_id} offerIds={offerIds} locale={locale} onClose={onClose} />
          </Suspense>
        )
      }
      around={
        result && (
          <Suspense>
            {chosen && <RouteMap offer={chosen} locale={locale} />}
            {result.query.further.length === 0 && (
              <PriceGraph
                query={result.query}
                locale={locale}
                onDay={(departure, back) =>
                  props.onSearch({ ...queryOf(result.query), departure_date: departure, return_date: back })
                }
              />
            )}
            {result.query.further.length === 0 && <WatchPrice key={result.search_id} result={result} own={own} />}
          </Suspense>
        )
      }
    />
  );
}

/** Over flights that were found without a call: how to begin one, and what that means. */
function Begin(props: Props) {
  const { t } = useTranslation();
  const consentId = useId();
  const [open, setOpen] = useState(false);
  return (
    <div className="begin">
      {open && (
        <section className="consent" aria-labelledby={`${consentId}-title`}>
          <h2 id={`${consentId}-title`} tabIndex={-1}>
            {t('consent.title')}
          </h2>
          <ConsentView
            consentId={consentId}
            storeTurns={props.storeTurns}
            onStoreTurns={props.onStoreTurns}
            recording={props.recording}
          />
        </section>
      )}
      <StartView {...props} consentId={consentId} onConsent={() => flushSync(() => setOpen(true))} />
    </div>
  );
}
