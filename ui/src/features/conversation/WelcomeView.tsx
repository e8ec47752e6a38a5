import { type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner } from '@/ui/Banner.tsx';
import { Disclosure } from '@/ui/Disclosure.tsx';
import { Icon } from '@/ui/Icon.tsx';
import { LanguageChoice } from './LanguageChoice.tsx';

type Props = Omit<StartProps, 'consentId'> & {
  /** `auto` or a language code. */
  language: string;
  storeTurns: boolean;
  recording?: Recording;
  /** Whether the assistant that is asked for finds flights. */
  flights?: boolean;
  /** What the address asked for and could not be had. */
  missing?: 'trip' | 'search' | null;
  /** The browser says that there is no network. */
  offline?: boolean;
  onLanguage: (language: string) => void;
  onStoreTurns: (store: boolean) => void;
  /** The way without an assistant, and whether it is what the reader came for. */
  formOpen?: boolean;
  form?: ReactNode;
  /** The record of a call of another day, by its code. */
  yourData: ReactNode;
};

/** The first screen: what this is, what happens to what is said, and one button. */
export function WelcomeView(props: Props) {
  const { t } = useTranslation();
  const consentId = useId();
  const { flights = true } = props;
  return (
    <main className="welcome" id="main">
      <section className="welcome-pitch">
        <h1>{t(flights ? 'welcome.title' : 'welcome.other.title')}</h1>
        <p className="lead">{t(flights ? 'welcome.lead' : 'welcome.other.lead')}</p>
        <div role="status">{props.offline && <Banner severity="error">{t('notice.offline')}</Banner>}</div>
        {props.missing && <Banner severity="warning">{t(`missing.${props.missing}`)}</Banner>}
        {flights && (
          <p className="example">
            <q>{t('example.first')}</q>
          </p>
        )}
        <LanguageChoice value={props.language} onChange={props.onLanguage} />
        <StartView {...props} consentId={consentId} />
        {flights && (
          <Disclosure summary={t('form.title')} open={props.formOpen ?? false}>
            {props.form}
          </Disclosure>
        )}
      </section>
      <section className="consent" aria-labelledby={`${consentId}-title`}>
        <h2 id={`${consentId}-title`}>{t('consent.title')}</h2>
        <ConsentView
          consentId={consentId}
          storeTurns={props.storeTurns}
          onStoreTurns={props.onStoreTurns}
          recording={props.recording ?? null}
        />
        <Disclosure summary={t('data.earlier')}>{props.yourData}</Disclosure>
      </section>
    </main>
  );
}

type StartProps = {
  consentId: string;
  /** Opens the consent text where it is not in view anyway. */
  onConsent?: () => void;
  starting: boolean;
  /** The user is about to start: load what a call needs. */
  onIntent: () => void;
  onStart: () => void;
  /** Start without microphone and voice. */
  onType: () => void;
};

/** That it is an AI, and the two ways to begin. */
export function StartView(props: StartProps) {
  const { t } = useTranslation();
  const { consentId } = props;
  return (
    <>
      <p className="brief" id={`${consentId}-brief`}>
        {t('consent.ai.title')}.{' '}
        <a href={`#${consentId}-title`} onClick={props.onConsent}>
          {t('consent.title')}
        </a>
      </p>
      <div className="welcome-start">
        <button
          type="button"
          className="button primary large"
          disabled={props.starting}
          aria-describedby={`${consentId}-brief`}
          onPointerEnter={props.onIntent}
          onPointerDown={props.onIntent}
          onFocus={props.onIntent}
          onClick={props.onStart}
        >
          <Icon name="microphone" />
          {props.starting ? t('status.connecting') : t('welcome.start')}
        </button>
        <button type="button" className="button quiet" disabled={props.starting} onClick={props.onType}>
          {t('welcome.type')}
        </button>
      </div>
    </>
  );
}

/** The consent to a recording; null where none is offered. */
export type Recording = { agreed: boolean; onAgree: (agreed: boolean) => void } | null;

type ConsentProps = {
  consentId: string;
  storeTurns: boolean;
  onStoreTurns: (store: boolean) => void;
  recording: Recording;
};

/** What happens to what is said, and the choices about it. */
export function ConsentView({ consentId, storeTurns, onStoreTurns, recording }: ConsentProps) {
  const { t } = useTranslation();
  return (
    <>
      <dl id={consentId}>
        <div>
          <dt>{t('consent.ai.title')}</dt>
          <dd>{t('consent.ai')}</dd>
        </div>
        <div>
          <dt>{t('consent.data.title')}</dt>
          <dd>{t('consent.data')}</dd>
        </div>
        <div>
          <dt>{t('consent.keep.title')}</dt>
          <dd>{t('consent.keep')}</dd>
        </div>
      </dl>
      <label className="check">
        <input type="checkbox" checked={storeTurns} onChange={(event) => onStoreTurns(event.target.checked)} />
        <span>{t('consent.store')}</span>
      </label>
      {recording && (
        <label className="check">
          <input
            type="checkbox"
            checked={recording.agreed}
            onChange={(event) => recording.onAgree(event.target.checked)}
          />
          <span>{t('consent.record')}</span>
        </label>
      )}
      <p className="muted small">{t('consent.agree')}</p>
    </>
  );
}
