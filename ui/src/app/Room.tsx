import { type RefObject, Suspense, useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type FlightQuery, queryOf } from '@/api/query.ts';
import type { Offer, SearchResult } from '@/api/schemas.ts';
import { CallView } from '@/features/conversation/CallView.tsx';
import type { Format } from '@/features/conversation/saved.ts';
import { holdOf, isSilenced, pipelineOf, receiptOf, resultsOf, stageOf } from '@/features/conversation/selectors.ts';
import type { Recording } from '@/features/conversation/WelcomeView.tsx';
import { storeCaptions, storedCaptions } from '@/features/settings/preferences.ts';
import { FILE_MOST, FILE_TYPES } from '@/features/voice/files.ts';
import type { CallOptions } from '@/features/voice/index.ts';
import { downloadText } from '@/lib/download.ts';
import { formatClock, localeFor } from '@/lib/locale.ts';
import { LevelMeter } from '@/ui/LevelMeter.tsx';
import { part } from '@/ui/part.tsx';
import { Begin } from './Begin.tsx';
import { FormPart } from './FormPart.tsx';
import type { CallHandle } from './useCall.ts';
import { useNews } from './useNews.ts';
import { useRoom } from './useRoom.ts';
import { warning } from './warning.ts';

const HandOff = part(async () => (await import('@/features/trips/index.ts')).HandOff);
const Compare = part(async () => (await import('@/features/trips/index.ts')).Compare);
const PriceGraph = part(async () => (await import('@/features/trips/index.ts')).PriceGraph);
const RouteMap = part(async () => (await import('@/features/map/RouteMap.tsx')).RouteMap);
const WatchPrice = part(async () => (await import('@/features/trips/index.ts')).WatchPrice);
const YourData = part(async () => (await import('@/features/privacy/YourData.tsx')).YourData);

type Props = {
  handle: CallHandle;
  /** Of a call that is begun from here. */
  options: Omit<CallOptions, 'language'>;
  /** Where it is told what is news, for who listens to the page. */
  told: RefObject<HTMLElement | null>;
  /** Whether the assistant that is asked for finds flights. */
  flights: boolean;
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

/** How the screen is shared; browsers on phones cannot. */
const sharing = (live: CallHandle['live']): { onShare?: (on: boolean) => void } =>
  live && 'getDisplayMedia' in (navigator.mediaDevices ?? {})
    ? { onShare: (on) => void live.voice.shareScreen(live.call.room, on) }
    : {};

/** The room with everything that can be done in it. A part of its own: who has not begun needs none of it. */
export function Room(props: Props) {
  const { t, i18n } = useTranslation();
  const { handle, options, onFound, onPart, onSearch } = props;
  const { state, store, live } = handle;
  const call = live?.call;
  const dispatch = store.dispatch;
  const [captions, setCaptions] = useState(storedCaptions);
  const locale = localeFor(i18n.language);
  const stage = stageOf(state);
  const results = resultsOf(state);
  const receipt = receiptOf(state);
  const result = results?.result;
  const chosen = result?.offers[(results?.selected ?? 1) - 1];
  const own = stage === 'live' ? (call?.own ?? null) : null;
  const silent = captions || isSilenced(state);
  useRoom(handle, holdOf(state) !== null);
  useNews(store, captions, props.told);

  const onSound = useCallback(() => call?.heard(), [call]);
  const onHold = useCallback((hold: ReturnType<typeof holdOf>) => call?.hold(hold), [call]);

  function onFile(file: File): void {
    if (FILE_TYPES.includes(file.type) && file.size <= FILE_MOST) {
      void call?.sendFile(file, t('file.sent', { name: file.name }));
    } else {
      dispatch({ type: 'warned', notice: warning(i18n.language, t('file.refused')) });
    }
  }

  async function download(format: Format): Promise<void> {
    const saved = await import('@/features/conversation/saved.ts');
    const names = {
      user: t('transcript.you'),
      assistant: t('transcript.assistant'),
      operator: t('transcript.operator'),
    };
    const clock = (at: number): string => formatClock(new Date(at).toISOString(), locale);
    const text = {
      txt: () => saved.asText(state.entries, names, clock),
      vtt: () => saved.asVtt(state.entries, names),
      json: () => saved.asJson(state.entries, results),
    }[format]();
    downloadText(`polyglot.${format}`, text, saved.TYPES[format]);
  }

  const meter = live ? (
    <live.voice.VoiceLevel room={live.call.room} silent={silent} onSound={onSound} />
  ) : (
    <LevelMeter level={0} />
  );
  const people = live && (
    <>
      <live.voice.SecondScreen call={live.call} />
      <live.voice.People room={live.call.room} />
    </>
  );
  const actions = (offer: Offer) =>
    result && (
      <Suspense>
        <HandOff key={offer.id} offer={offer} searchId={result.search_id} locale={locale} own={own} />
      </Suspense>
    );
  const around = result && (
    <Suspense>
      {chosen && <RouteMap offer={chosen} locale={locale} />}
      {result.query.further.length === 0 && (
        <PriceGraph
          query={result.query}
          locale={locale}
          onDay={(departure, back) =>
            onSearch({ ...queryOf(result.query), departure_date: departure, return_date: back })
          }
        />
      )}
      {result.query.further.length === 0 && <WatchPrice key={result.search_id} result={result} own={own} />}
    </Suspense>
  );
  return (
    <>
      <CallView
        state={state}
        flights={props.flights}
        meter={meter}
        people={people}
        devices={live && <live.voice.Devices room={live.call.room} />}
        searchForm={<FormPart query={result?.query ?? null} onFound={onFound} onPart={onPart} onSearch={onSearch} />}
        begin={<Begin {...props} />}
        actions={actions}
        compare={(offerIds, onClose) =>
          result && (
            <Suspense>
              <Compare searchId={result.search_id} offerIds={offerIds} locale={locale} onClose={onClose} />
            </Suspense>
          )
        }
        around={around}
        onSearch={onSearch}
        retrying={handle.retrying || handle.starting}
        onRetry={handle.retry}
        onSend={(text) => void call?.send(text)}
        onFile={onFile}
        {...sharing(live)}
        onStop={() => void call?.stop()}
        onMuted={(muted) => void call?.setMuted(muted)}
        onHold={onHold}
        onLanguage={(code) => void call?.setLanguage(code)}
        onSelect={(number) => (call ? void call.select(number) : dispatch({ type: 'select', number }))}
        onShow={(searchId) => {
          dispatch({ type: 'show', searchId });
          void call?.shown(searchId);
        }}
        onView={(view) => (call ? void call.refine(view) : dispatch({ type: 'view', view }))}
        captions={captions}
        onCaptions={(only) => {
          storeCaptions(only);
          setCaptions(only);
        }}
        onEnd={() => void call?.end()}
        onRestart={() => handle.start({ ...options, language: state.language, typing: pipelineOf(state) === 'text' })}
        onDownload={(format) => void download(format).catch(() => undefined)}
        yourData={
          receipt && (
            <Suspense>
              <YourData receipt={receipt} kept={props.storeTurns} onErased={() => dispatch({ type: 'erased' })} />
            </Suspense>
          )
        }
        onDismissNotice={() => dispatch({ type: 'dismiss-notice' })}
        onAllowPlayback={() => void call?.allowPlayback()}
      />
      {live && stage === 'live' && <live.voice.AgentAudio room={live.call.room} muted={silent} />}
    </>
  );
}
