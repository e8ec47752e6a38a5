import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NoticeMessage, SearchResult } from '@/api/schemas.ts';
import type { Format } from '@/features/conversation/saved.ts';
import { holdOf, isSilenced, pipelineOf, receiptOf, resultsOf, stageOf } from '@/features/conversation/selectors.ts';
import type { State } from '@/features/conversation/state.ts';
import { WelcomeView } from '@/features/conversation/WelcomeView.tsx';
import { useRecording } from '@/features/privacy/useRecording.ts';
import { Header } from '@/features/settings/Header.tsx';
import { storeCaptions, storedCaptions } from '@/features/settings/preferences.ts';
import { FILE_MOST, FILE_TYPES } from '@/features/voice/files.ts';
import { downloadText } from '@/lib/download.ts';
import { home } from '@/lib/home.ts';
import { formatClock, localeFor } from '@/lib/locale.ts';
import { LevelMeter } from '@/ui/LevelMeter.tsx';
import { personaOf } from './address.ts';
import { type CallHandle, loadVoice, useCall } from './useCall.ts';
import { useHold } from './useHold.ts';
import { useSearches } from './useSearches.ts';

const loadRoom = () => import('./Room.tsx');
const Room = lazy(async () => ({ default: (await loadRoom()).Room }));
const YourData = lazy(async () => ({ default: (await import('@/features/privacy/YourData.tsx')).YourData }));
const Debug = lazy(async () => ({ default: (await import('@/features/debug/Drawer.tsx')).Drawer }));
const FormPart = lazy(async () => ({ default: (await import('./FormPart.tsx')).FormPart }));

/** What a call needs, while somebody is about to begin one. */
function load(): void {
  void loadVoice().catch(() => undefined);
  void loadRoom().catch(() => undefined);
}

/** How the screen is shared; browsers on phones cannot. */
const sharing = (live: CallHandle['live']): { onShare?: (on: boolean) => void } =>
  live && 'getDisplayMedia' in (navigator.mediaDevices ?? {})
    ? { onShare: (on) => void live.voice.shareScreen(live.call.room, on) }
    : {};

const warning = (language: string, text: string): NoticeMessage => ({
  version: 1,
  kind: 'page',
  language,
  text,
  severity: 'warning',
  action: null,
});

/** The whole page: welcome, then the room. `open`: whether it can be seen; a call that cannot is over. */
export function App({ initial, open = true }: { initial?: State; open?: boolean }) {
  const { t, i18n } = useTranslation();
  const { state, store, live, starting, retrying, start, retry } = useCall(initial);
  const [debug] = useState(() => new URLSearchParams(location.search).has('debug'));
  const [language, setLanguage] = useState('auto');
  const [storeTurns, setStoreTurns] = useState(false);
  const recording = useRecording();
  const [captions, setCaptions] = useState(storedCaptions);
  const call = live?.call;
  const dispatch = store.dispatch;
  const locale = localeFor(i18n.language);
  const stage = stageOf(state);
  const results = resultsOf(state);
  const receipt = receiptOf(state);

  useEffect(() => {
    let stop: (() => void) | undefined;
    let over = false;
    void import('./focus.ts').then(({ keepFocus }) => {
      if (!over) stop = keepFocus(home.root);
    });
    return () => {
      over = true;
      stop?.();
    };
  }, []);

  // A widget that is closed listens no more.
  useEffect(() => {
    if (!open) void call?.end();
  }, [open, call]);

  const onSound = useCallback(() => call?.heard(), [call]);
  const onFound = useCallback(
    (result: SearchResult, language: string) => {
      dispatch({ type: 'found', result, language });
      void call?.shown(result.search_id);
    },
    [call, dispatch],
  );
  const onPart = useCallback(
    (result: SearchResult, language: string) => dispatch({ type: 'found', result, language, partial: true }),
    [dispatch],
  );
  const onHold = useCallback((hold: ReturnType<typeof holdOf>) => call?.hold(hold), [call]);
  const onSpace = useCallback((open: boolean) => call?.hold(open ? 'open' : 'closed'), [call]);
  useHold(holdOf(state) !== null, onSpace);
  const { search, missing } = useSearches(results, onFound, onPart);
  const onSearch = useCallback(
    (query: Parameters<typeof search>[0]): void =>
      void search(query).catch(() => dispatch({ type: 'warned', notice: warning(i18n.language, t('form.failed')) })),
    [search, dispatch, i18n, t],
  );

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

  const persona = personaOf(home.search());
  const options = { locale, storeTurns, record: recording?.agreed ?? false, ...(persona ? { persona } : {}) };
  const begin = {
    starting,
    onIntent: load,
    onStart: () => start({ ...options, language }),
    onType: () => start({ ...options, language, typing: true }),
  };
  // Of whom the page knows nothing but the name, it says nothing but what holds for all.
  const flights = persona === undefined || persona === 'flights';
  return (
    <>
      <Header />
      {stage === 'idle' && !results ? (
        <WelcomeView
          {...begin}
          language={language}
          storeTurns={storeTurns}
          recording={recording}
          missing={missing}
          offline={state.offline}
          formOpen={new URLSearchParams(home.search()).has('form')}
          onLanguage={setLanguage}
          onStoreTurns={setStoreTurns}
          flights={flights}
          form={<FormPart query={null} onFound={onFound} onPart={onPart} onSearch={onSearch} />}
          yourData={<YourData receipt={null} kept={false} />}
        />
      ) : (
        <Suspense>
          <Room
            {...begin}
            call={call}
            flights={flights}
            state={state}
            storeTurns={storeTurns}
            recording={recording}
            onStoreTurns={setStoreTurns}
            meter={
              live ? (
                <live.voice.VoiceLevel room={live.call.room} silent={captions || isSilenced(state)} onSound={onSound} />
              ) : (
                <LevelMeter level={0} />
              )
            }
            onFound={onFound}
            onPart={onPart}
            onSearch={onSearch}
            retrying={retrying || starting}
            onSend={(text) => void call?.send(text)}
            onFile={onFile}
            {...sharing(live)}
            onStop={() => void call?.stop()}
            onMuted={(muted) => void call?.setMuted(muted)}
            onLanguage={(code) => void call?.setLanguage(code)}
            onSelect={(number) => (call ? void call.select(number) : dispatch({ type: 'select', number }))}
            onShow={(searchId) => {
              dispatch({ type: 'show', searchId });
              void call?.shown(searchId);
            }}
            onView={(view) => (call ? void call.refine(view) : dispatch({ type: 'view', view }))}
            onRetry={retry}
            onEnd={() => void call?.end()}
            onHold={onHold}
            devices={live && <live.voice.Devices room={live.call.room} />}
            people={
              live && (
                <>
                  <live.voice.SecondScreen call={live.call} />
                  <live.voice.People room={live.call.room} />
                </>
              )
            }
            captions={captions}
            onCaptions={(only) => {
              storeCaptions(only);
              setCaptions(only);
            }}
            onRestart={() => start({ ...options, language: state.language, typing: pipelineOf(state) === 'text' })}
            onDownload={(format) => void download(format).catch(() => undefined)}
            yourData={
              receipt && <YourData receipt={receipt} kept={storeTurns} onErased={() => dispatch({ type: 'erased' })} />
            }
            onDismissNotice={() => dispatch({ type: 'dismiss-notice' })}
            onAllowPlayback={() => void call?.allowPlayback()}
          />
        </Suspense>
      )}
      {live && stage === 'live' && (
        <live.voice.AgentAudio room={live.call.room} muted={captions || isSilenced(state)} />
      )}
      {debug && (
        <Suspense>
          <Debug store={store} room={live?.call.room} />
        </Suspense>
      )}
    </>
  );
}
