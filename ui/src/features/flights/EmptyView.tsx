import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { prepareFormats } from '@/lib/format.ts';
import { localeFor } from '@/lib/locale.ts';

type Props = {
  searching: boolean;
  /** Whose voice is heard just now; decoration. */
  presence?: ReactNode;
  /** Whether somebody is there to be asked. */
  live: boolean;
  onExample: (text: string) => void;
  children: ReactNode;
};

/** When the page has been drawn and nobody is waiting for it. */
const IDLE_MS = 300;

/** Before the first search: what can be asked, and the form for who would rather not. */
export function EmptyView({ searching, presence, live, onExample, children }: Props) {
  const { t, i18n } = useTranslation();
  const locale = localeFor(i18n.language);
  useEffect(() => {
    const soon = setTimeout(() => prepareFormats(locale), IDLE_MS);
    return () => clearTimeout(soon);
  }, [locale]);
  return (
    <div className="empty">
      {presence && <div className="presence">{presence}</div>}
      <h2>{t(searching ? 'status.searching' : 'results.empty')}</h2>
      {searching ? (
        <Skeletons />
      ) : (
        <>
          {live && (
            <ul className="examples">
              {['example.first', 'example.second', 'example.third'].map((key) => (
                <li key={key}>
                  <button type="button" onClick={() => onExample(t(key))}>
                    {t(key)}
                  </button>
                </li>
              ))}
            </ul>
          )}
          <details className="by-form">
            <summary>{t('form.title')}</summary>
            {children}
          </details>
        </>
      )}
    </div>
  );
}

/** The shape of what is coming. */
export function Skeletons() {
  return (
    <div className="skeletons" aria-hidden="true">
      <span />
      <span />
      <span />
    </div>
  );
}
