import { type ComponentProps, useId, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { ConsentView, StartView } from '@/features/conversation/WelcomeView.tsx';

type Props = Omit<ComponentProps<typeof StartView> & ComponentProps<typeof ConsentView>, 'consentId' | 'onConsent'>;

/** Over flights that were found without a call: how to begin one, and what that means. */
export function Begin(props: Props) {
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
