import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAsked } from '@/features/trips/useAsked.ts';
import type { Call } from './call.ts';
import { linkTo } from './companion.ts';

/** The way to the same flights on another screen; on that screen, that it is one. */
export function SecondScreen({ call }: { call: Call }) {
  const { t } = useTranslation();
  const [asked, ask] = useAsked<string>();
  const [copied, setCopied] = useState(false);
  if (call.second) return <p className="muted small">{t('second.here')}</p>;

  async function link(): Promise<string> {
    if (!call.own) throw new Error('there is no call yet');
    const url = await linkTo(call.own);
    // Refused where the page is not secure or the reader says no: then the address is shown to be copied by hand.
    setCopied(
      await navigator.clipboard.writeText(url).then(
        () => true,
        () => false,
      ),
    );
    return url;
  }

  return (
    <div className="second-screen">
      <button type="button" className="button small" disabled={asked.state === 'asking'} onClick={() => void ask(link)}>
        {t('second.open')}
      </button>
      <div role="status">
        {asked.state === 'answered' && (
          <p className="small">
            {t(copied ? 'second.copied' : 'second.link')} <a href={asked.answer}>{t('second.address')}</a>
          </p>
        )}
        {asked.state === 'failed' && <p className="small">{t('second.failed')}</p>}
      </div>
    </div>
  );
}
