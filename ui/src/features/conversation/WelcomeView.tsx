import { type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/ui/Icon.tsx';
import { LanguageChoice } from './LanguageChoice.tsx';

type Props = {
  /** `auto` or a language code. */
  language: string;
  storeTurns: boolean;
  starting: boolean;
  onLanguage: (language: string) => void;
  onStoreTurns: (store: boolean) => void;
  /** The user is about to start: load what a call needs. */
  onIntent: () => void;
  onStart: () => void;
  /** Start without microphone and voice. */
  onType: () => void;
  /** The record of a call of another day, by its code. */
  yourData: ReactNode;
};

/** The first screen: what this is, what happens to what is said, and one button. */
export function WelcomeView(props: Props) {
  const { t } = useTranslation();
  const consentId = useId();
  return (
    <main className="welcome" id="main">
      <section className="welcome-pitch">
        <h1>{t('welcome.title')}</h1>
        <p className="lead">{t('welcome.lead')}</p>
        <p className="example">
          <q>{t('example.first')}</q>
        </p>
        <LanguageChoice value={props.language} onChange={props.onLanguage} />
        <p className="brief" id={`${consentId}-brief`}>
          {t('consent.ai.title')}. <a href={`#${consentId}-title`}>{t('consent.title')}</a>
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
      </section>
      <section className="consent" aria-labelledby={`${consentId}-title`}>
        <h2 id={`${consentId}-title`}>{t('consent.title')}</h2>
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
          <input
            type="checkbox"
            checked={props.storeTurns}
            onChange={(event) => props.onStoreTurns(event.target.checked)}
          />
          <span>{t('consent.store')}</span>
        </label>
        <p className="muted small">{t('consent.agree')}</p>
        <details className="by-form">
          <summary>{t('data.earlier')}</summary>
          {props.yourData}
        </details>
      </section>
    </main>
  );
}
