import { Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SearchResult } from '@/api/schemas.ts';
import { resultsOf, stageOf } from '@/features/conversation/selectors.ts';
import type { State } from '@/features/conversation/state.ts';
import { WelcomeView } from '@/features/conversation/WelcomeView.tsx';
import { useRecording } from '@/features/privacy/useRecording.ts';
import { Header } from '@/features/settings/Header.tsx';
import { home } from '@/lib/home.ts';
import { localeFor } from '@/lib/locale.ts';
import { part } from '@/ui/part.tsx';
import { personaOf } from './persona.ts';
import { loadVoice, useCall } from './useCall.ts';
import { isSuperseded, useSearches } from './useSearches.ts';

const loadRoom = () => import('./Room.tsx');
const Room = part(async () => (await loadRoom()).Room);
const YourData = part(async () => (await import('@/features/privacy/YourData.tsx')).YourData);
const Debug = part(async () => (await import('@/features/debug/Drawer.tsx')).Drawer);
const FormPart = part(async () => {
  prepareRoom(); // What is found by form is shown there.
  return (await import('./FormPart.tsx')).FormPart;
});

const prepareRoom = (): void => void loadRoom().catch(() => undefined);

/** What a call needs, while somebody is about to begin one. */
function load(): void {
  void loadVoice().catch(() => undefined);
  prepareRoom();
}

/** The whole page: welcome, then the room. `open`: whether it can be seen; a call that cannot is over. */
export function App({ initial, open = true }: { initial?: State; open?: boolean }) {
  const { t, i18n } = useTranslation();
  const handle = useCall(initial);
  const { state, store, live, starting, start } = handle;
  const [debug] = useState(() => new URLSearchParams(location.search).has('debug'));
  const [language, setLanguage] = useState('auto');
  const [storeTurns, setStoreTurns] = useState(false);
  const recording = useRecording();
  const call = live?.call;
  const dispatch = store.dispatch;
  const results = resultsOf(state);

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
  const onHome = useCallback(() => dispatch({ type: 'home' }), [dispatch]);
  const { search, missing } = useSearches(results, onFound, onPart, prepareRoom, onHome);
  const onSearch = useCallback(
    async (query: Parameters<typeof search>[0]): Promise<void> => {
      const { warning } = await import('./warning.ts');
      await search(query).catch((error: unknown) => {
        if (!isSuperseded(error)) dispatch({ type: 'warned', notice: warning(i18n.language, t('form.failed')) });
      });
    },
    [search, dispatch, i18n, t],
  );

  const persona = personaOf(home.search());
  const options = {
    locale: localeFor(i18n.language),
    storeTurns,
    record: recording?.agreed ?? false,
    ...(persona ? { persona } : {}),
  };
  const shared = {
    starting,
    onIntent: load,
    onStart: () => start({ ...options, language }),
    onType: () => start({ ...options, language, typing: true }),
    // Of whom the page knows nothing but the name, it says nothing but what holds for all.
    flights: persona === undefined || persona === 'flights',
    storeTurns,
    recording,
    onStoreTurns: setStoreTurns,
  };
  const found = { onFound, onPart, onSearch };
  const told = useRef<HTMLDivElement>(null);
  return (
    <>
      <Header />
      {/* Here from the beginning: what a region brings along with itself is not read out. */}
      <div className="sr-only" aria-live="polite" aria-relevant="additions" ref={told} />
      {stageOf(state) === 'idle' && !results ? (
        <WelcomeView
          {...shared}
          language={language}
          missing={missing}
          offline={state.offline}
          formOpen={new URLSearchParams(home.search()).has('form')}
          onLanguage={setLanguage}
          form={<FormPart query={null} {...found} />}
          yourData={<YourData receipt={null} kept={false} />}
        />
      ) : (
        <Suspense fallback={<Coming />}>
          <Room {...shared} {...found} handle={handle} options={options} told={told} />
        </Suspense>
      )}
      {debug && (
        <Suspense>
          <Debug store={store} room={live?.call.room} />
        </Suspense>
      )}
    </>
  );
}

/** The shape of a page whose script is on its way, as the HTML has it. */
const Coming = () => (
  <main className="first" id="main" aria-busy="true" aria-label="Polyglot">
    <i />
    <i />
    <i />
  </main>
);
