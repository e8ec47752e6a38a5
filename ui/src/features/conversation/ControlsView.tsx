import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/ui/Icon.tsx';
import { LanguageSelect } from './LanguageChoice.tsx';
import { agentReady, canStop, statusOf } from './selectors.ts';
import type { State } from './state.ts';

type Props = {
  state: State;
  /** The live level of the microphone. */
  meter: ReactNode;
  onStop: () => void;
  onMuted: (muted: boolean) => void;
  onLanguage: (language: string) => void;
  onEnd: () => void;
};

/** State in words, and the buttons of a call. */
export function ControlsView({ state, meter, onStop, onMuted, onLanguage, onEnd }: Props) {
  const { t } = useTranslation();
  const status = statusOf(state);
  const { microphone } = state;
  return (
    <>
      <div className="status" data-status={status}>
        {meter}
        <p role="status">
          <strong>{t(`status.${status}`)}</strong>
        </p>
        <button type="button" className="button small end" onClick={onEnd}>
          <Icon name="end" />
          <span>{t('controls.end')}</span>
        </button>
      </div>
      <div className="controls">
        {state.pipeline !== 'text' && (
          <button
            type="button"
            className="button"
            disabled={microphone === 'pending' || microphone === 'off'}
            onClick={() => onMuted(microphone === 'on')}
          >
            <Icon name={microphone === 'on' ? 'microphone' : 'microphone-off'} />
            <span>{t(microphoneLabel(microphone))}</span>
          </button>
        )}
        <button
          type="button"
          className={canStop(state) ? 'button stop active' : 'button stop'}
          disabled={!agentReady(state)}
          aria-keyshortcuts="Escape"
          onClick={onStop}
        >
          <Icon name="stop" />
          <span>{t('controls.stop')}</span>
        </button>
        <LanguageSelect value={state.requestedLanguage} onChange={onLanguage} />
      </div>
    </>
  );
}

function microphoneLabel(microphone: State['microphone']): string {
  if (microphone === 'on' || microphone === 'pending' || microphone === 'off') return 'controls.mute';
  return microphone === 'muted' ? 'controls.unmute' : 'controls.useMicrophone';
}
