import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Failure } from './selectors.ts';

type Props = {
  failure: Failure;
  retrying: boolean;
  onRetry: () => void;
  /** The way on without an assistant. */
  children: ReactNode;
};

/** No assistant: the truth in words, another try, and a search that needs none. */
export function FailureView({ failure, retrying, onRetry, children }: Props) {
  const { t } = useTranslation();
  return (
    <section className="failure" aria-labelledby="failure-title">
      <div role="alert">
        <h2 id="failure-title">{t(`failure.${failure.kind}.title`)}</h2>
        <p>{failure.message ?? t(`failure.${failure.kind}`)}</p>
      </div>
      <button type="button" className="button primary" disabled={retrying} onClick={onRetry}>
        {t(retrying ? 'action.retrying' : 'action.retry')}
      </button>
      {children}
    </section>
  );
}
