import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CallView } from '@/features/conversation/CallView.tsx';
import { asText } from '@/features/conversation/transcript.ts';
import { WelcomeView } from '@/features/conversation/WelcomeView.tsx';
import { SearchForm } from '@/features/flights/SearchForm.tsx';
import { YourData } from '@/features/privacy/YourData.tsx';
import { Header } from '@/features/settings/Header.tsx';
import { downloadText } from '@/lib/download.ts';
import { formatClock, localeFor } from '@/lib/format.ts';
import { LevelMeter } from '@/ui/LevelMeter.tsx';
import { loadVoice, useCall } from './useCall.ts';

/** The whole page: welcome, then the room. */
export function App() {
  const { t, i18n } = useTranslation();
  const { state, store, live, starting, retrying, start, retry } = useCall();
  const [language, setLanguage] = useState('auto');
  const [storeTurns, setStoreTurns] = useState(false);
  const call = live?.call;
  const dispatch = store.dispatch;
  const locale = localeFor(i18n.language);

  const onSound = useCallback(() => dispatch({ type: 'heard' }), [dispatch]);

  function download(): void {
    const names = { user: t('transcript.you'), assistant: t('transcript.assistant') };
    const text = asText(state.entries, names, (at) => formatClock(new Date(at).toISOString(), locale));
    downloadText('polyglot.txt', text);
  }

  return (
    <>
      <Header />
      {state.phase === 'idle' ? (
        <WelcomeView
          language={language}
          storeTurns={storeTurns}
          starting={starting}
          onLanguage={setLanguage}
          onStoreTurns={setStoreTurns}
          onIntent={() => void loadVoice().catch(() => undefined)}
          onStart={() => start({ language, locale, storeTurns })}
          onType={() => start({ language, locale, storeTurns, typing: true })}
          yourData={<YourData receipt={null} kept={false} />}
        />
      ) : (
        <CallView
          state={state}
          meter={
            live ? <live.voice.MicrophoneLevel room={live.call.room} onSound={onSound} /> : <LevelMeter level={0} />
          }
          searchForm={
            <SearchForm
              query={state.results?.result.query ?? null}
              onFound={(result, lang) => dispatch({ type: 'found', result, language: lang })}
            />
          }
          retrying={retrying || starting}
          onSend={(text) => void call?.send(text)}
          onStop={() => void call?.stop()}
          onMuted={(muted) => void call?.setMuted(muted)}
          onLanguage={(code) => void call?.setLanguage(code)}
          onSelect={(number) => (call ? void call.select(number) : dispatch({ type: 'select', number }))}
          onView={(view) => (call ? void call.refine(view) : dispatch({ type: 'view', view }))}
          onRetry={retry}
          onEnd={() => void call?.end()}
          onRestart={() =>
            start({ language: state.requestedLanguage, locale, storeTurns, typing: state.pipeline === 'text' })
          }
          onDownload={download}
          yourData={
            state.receipt && (
              <YourData receipt={state.receipt} kept={storeTurns} onErased={() => dispatch({ type: 'erased' })} />
            )
          }
          onDismissNotice={() => dispatch({ type: 'dismiss-notice' })}
          onAllowPlayback={() => void call?.allowPlayback()}
        />
      )}
      {live && state.phase === 'live' && (
        <live.voice.AgentAudio room={live.call.room} muted={state.playback !== 'on'} />
      )}
    </>
  );
}
