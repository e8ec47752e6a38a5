import { type ComponentProps, type ReactNode, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { FlightQuery } from '@/api/query.ts';
import type { Offer, View } from '@/api/schemas.ts';
import { EmptyView } from '@/features/flights/EmptyView.tsx';
import { ResultsView } from '@/features/flights/ResultsView.tsx';
import { Icon } from '@/ui/Icon.tsx';
import { type Becomes, ComposerView } from './ComposerView.tsx';
import { ControlsView } from './ControlsView.tsx';
import { FailureView } from './FailureView.tsx';
import { NoticesView } from './NoticesView.tsx';
import { isInRoom } from './phases.ts';
import { FORMATS, type Format } from './saved.ts';
import { failure, type holdOf, isReachable, isSearching, resultsOf, stageOf } from './selectors.ts';
import type { State } from './state.ts';
import { TranscriptView } from './TranscriptView.tsx';

export type CallViewProps = {
  state: State;
  /** Whether the assistant that is asked for finds flights: else the room is for talking alone. */
  flights?: boolean;
  meter: ReactNode;
  searchForm: ReactNode;
  retrying: boolean;
  onSend: (text: string) => void;
  /** A picture or a PDF for the assistant to look at. */
  onFile?: (file: File) => void;
  /** Begins or ends sharing the screen; left out where the browser cannot. */
  onShare?: (on: boolean) => void;
  onStop: () => void;
  onMuted: (muted: boolean) => void;
  onLanguage: (language: string) => void;
  onSelect: (number: number | null) => void;
  onView: (view: View) => void;
  /** An earlier search of this page again. */
  onShow?: (searchId: string) => void;
  onRetry: () => void;
  onEnd: () => void;
  onHold: (hold: ReturnType<typeof holdOf>) => void;
  /** The choice of microphone and loudspeaker. */
  devices?: ReactNode;
  /** Who is in the call beside the assistant, and what they show. */
  people?: ReactNode;
  /** Whether the assistant is read and not heard. */
  captions?: boolean;
  onCaptions?: (only: boolean) => void;
  /** Begins another call; the words and cards of this one stay. */
  onRestart: () => void;
  onDownload: (format: Format) => void;
  /** After the call: what is kept of it, and how it is erased. */
  yourData?: ReactNode;
  /** Before a call, over flights that were found without one: how to begin. */
  begin?: ReactNode;
  actions?: (offer: Offer) => ReactNode;
  compare?: (offerIds: string[], onClose: () => void) => ReactNode;
  around?: ReactNode;
  /** The same search with something else in it. */
  onSearch?: (query: FlightQuery) => void;
  onDismissNotice: () => void;
  onAllowPlayback: () => void;
};

/** The room: what is said on one side, what was found on the other, the controls within reach of a thumb. */
export function CallView(props: CallViewProps) {
  const { state } = props;
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const stage = stageOf(state);
  const live = stage === 'live';
  const results = resultsOf(state);
  // Large while there is nothing else to look at; with flights on the screen it is a part of the dock.
  const large = live && !results && !failure(state) && props.flights !== false;
  return (
    <main
      className="call"
      id="main"
      data-results={results !== null}
      data-phase={stage}
      data-flights={props.flights !== false}
    >
      <h1 className="sr-only">{t('app.title')}</h1>
      <section className="talk" aria-labelledby="talk-title">
        <h2 id="talk-title" className="sr-only">
          {t('transcript.title')}
        </h2>
        <NoticesView
          state={state}
          onType={() => input.current?.focus()}
          onRetry={props.onRetry}
          onDismiss={props.onDismissNotice}
          onAllowPlayback={props.onAllowPlayback}
          onRetryMicrophone={() => props.onMuted(false)}
          onUnshare={() => props.onShare?.(false)}
        />
        {live && props.people}
        <TranscriptView entries={state.entries} />
      </section>
      <FoundView {...props} large={large} />
      <section className="dock" aria-label={t('controls.title')}>
        {live ? (
          <>
            <ControlsView
              state={state}
              meter={large ? null : props.meter}
              onStop={props.onStop}
              onMuted={props.onMuted}
              onLanguage={props.onLanguage}
              onEnd={props.onEnd}
              onHold={props.onHold}
              captions={props.captions ?? false}
              onCaptions={props.onCaptions ?? (() => undefined)}
              devices={props.devices ?? null}
            />
            <ComposerView onSend={props.onSend} input={input} becomes={becomes(state)} {...toShow(props)} />
          </>
        ) : (
          (stage === 'idle' && props.begin) || <EndedView {...props} />
        )}
      </section>
    </main>
  );
}

/** What was found, why nothing can be, or what can be asked. */
function FoundView(props: CallViewProps & { large: boolean }) {
  const { state, flights = true } = props;
  const { t } = useTranslation();
  const failed = failure(state);
  const results = resultsOf(state);
  const searching = isSearching(state);
  return (
    <section className="found" aria-label={t('results.title')}>
      {failed && (
        <FailureView failure={failed} retrying={props.retrying} onRetry={props.onRetry}>
          {flights && props.searchForm}
        </FailureView>
      )}
      {results && (
        <ResultsView
          results={results}
          earlier={state.searches.list}
          onShow={props.onShow}
          searching={searching}
          second={failed !== null}
          onSelect={props.onSelect}
          onView={props.onView}
          searchForm={failed ? null : props.searchForm}
          {...(props.actions ? { actions: props.actions } : {})}
          {...(props.compare ? { compare: props.compare } : {})}
          around={props.around}
          onSearch={props.onSearch}
        />
      )}
      {!results && !failed && flights && (
        <EmptyView
          searching={searching}
          presence={props.large ? props.meter : null}
          live={stageOf(state) === 'live'}
          onExample={props.onSend}
        >
          {props.searchForm}
        </EmptyView>
      )}
    </section>
  );
}

/** What becomes of words that are typed now. */
const becomes = (state: State): Becomes => {
  if (state.call.phase === 'ending') return 'unread';
  return isReachable(state) ? 'read' : 'kept';
};

type ToShow = Pick<ComponentProps<typeof ComposerView>, 'onFile' | 'onShare'>;

/** What can be shown to an assistant that is there: a file, and the screen where it is not shown already. */
function toShow({ state, onFile, onShare }: CallViewProps): ToShow {
  if (!isReachable(state)) return {};
  const share = onShare && !(isInRoom(state.call) && state.call.sharing) ? { onShare: () => onShare(true) } : {};
  return onFile ? { onFile, ...share } : share;
}

function EndedView({ state, onRestart, onDownload, yourData }: CallViewProps) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <section className="ended" aria-labelledby={id}>
      <p id={id}>{t('status.ended')}</p>
      <div className="controls">
        {!failure(state) && (
          <button type="button" className="button primary" onClick={onRestart}>
            <Icon name="microphone" />
            <span>{t('action.restart')}</span>
          </button>
        )}
        {state.entries.length > 0 &&
          FORMATS.map((format) => (
            <button type="button" className="button" key={format} onClick={() => onDownload(format)}>
              <Icon name="download" />
              <span>{t(`action.download.${format}`)}</span>
            </button>
          ))}
      </div>
      {yourData}
    </section>
  );
}
