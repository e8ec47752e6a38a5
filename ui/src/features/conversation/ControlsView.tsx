import type { KeyboardEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/ui/Icon.tsx';
import { LanguageSelect } from './LanguageSelect.tsx';
import type { Microphone } from './phases.ts';
import { SoundView } from './SoundView.tsx';
import { agentReady, canStop, holdOf, microphoneOf, pipelineOf, spokenOf, statusOf } from './selectors.ts';
import type { State } from './state.ts';

type Props = {
  state: State;
  /** The live level of the microphone. */
  meter: ReactNode;
  onStop: () => void;
  onMuted: (muted: boolean) => void;
  onLanguage: (language: string) => void;
  onEnd: () => void;
  /** The microphone is open only while it is held (`closed`, `open`), or all the time (null). */
  onHold: (hold: Hold) => void;
  /** Whether the assistant is read and not heard. */
  captions: boolean;
  onCaptions: (only: boolean) => void;
  /** The choice of devices. */
  devices: ReactNode;
};

type Hold = ReturnType<typeof holdOf>;

/** State in words, and the buttons of a call. */
export function ControlsView(props: Props) {
  const { state, meter, onStop, onMuted, onLanguage, onEnd, onHold, captions, onCaptions, devices } = props;
  const { t } = useTranslation();
  const status = statusOf(state);
  const microphone = microphoneOf(state).is;
  const hold = holdOf(state);
  const text = pipelineOf(state) === 'text';
  return (
    <>
      <div className="status" data-status={status}>
        {meter}
        <p>
          <strong>{t(`status.${status}`)}</strong>
        </p>
        <button type="button" className="button small end" onClick={onEnd}>
          <Icon name="end" />
          <span>{t('controls.end')}</span>
        </button>
      </div>
      <div className="controls">
        {hold !== null && <HoldButton open={hold === 'open'} onHold={onHold} />}
        {!text && hold === null && (
          <button
            type="button"
            className="button"
            disabled={microphone === 'asking' || microphone === 'off'}
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
        <LanguageSelect value={state.language} spoken={spokenOf(state)} onChange={onLanguage} />
        {!text && (
          <SoundView
            holding={hold !== null}
            onHolding={
              microphone === 'on' || hold !== null ? (holding) => onHold(holding ? 'closed' : null) : undefined
            }
            captions={captions}
            onCaptions={onCaptions}
            devices={devices}
          />
        )}
      </div>
    </>
  );
}

type HoldProps = { open: boolean; onHold: (hold: Hold) => void };

/** Open while it is pressed, by finger, mouse or key. */
function HoldButton({ open, onHold }: HoldProps) {
  const { t } = useTranslation();
  const held = (event: KeyboardEvent): boolean => event.key === ' ' || event.key === 'Enter';
  return (
    <button
      type="button"
      className={open ? 'button hold active' : 'button hold'}
      aria-pressed={open}
      onPointerDown={(event) => {
        // A finger that slides off the button still holds it.
        event.currentTarget.setPointerCapture(event.pointerId);
        onHold('open');
      }}
      onPointerUp={() => onHold('closed')}
      onPointerCancel={() => onHold('closed')}
      onKeyDown={(event) => held(event) && !event.repeat && onHold('open')}
      onKeyUp={(event) => held(event) && onHold('closed')}
      onBlur={() => onHold('closed')}
      onContextMenu={(event) => event.preventDefault()}
    >
      <Icon name="microphone" />
      <span>{t('hold.button')}</span>
    </button>
  );
}

function microphoneLabel(microphone: Microphone['is']): string {
  if (['on', 'held', 'asking', 'off'].includes(microphone)) return 'controls.mute';
  return microphone === 'muted' ? 'controls.unmute' : 'controls.useMicrophone';
}
