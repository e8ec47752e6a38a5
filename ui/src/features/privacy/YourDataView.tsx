import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/ui/Icon.tsx';

/** What came of it: null while nothing was asked. */
export type Outcome = 'exported' | 'erased' | 'unknown' | 'failed' | null;

type Props = {
  receipt: string | null;
  kept: boolean;
  busy: boolean;
  outcome: Outcome;
  /** Whether there is a whole code to work with. */
  complete: boolean;
  /** Where a code is typed, when none is known. */
  code: ReactNode;
  onExport: () => void;
  onErase: () => void;
};

/** Twenty letters and digits in groups, as people copy them. */
export const grouped = (receipt: string): string => receipt.match(/.{1,5}/g)?.join('-') ?? receipt;

/** The receipt of a call, and what can be done with it. */
export function YourDataView(props: Props) {
  const { t } = useTranslation();
  const { receipt, kept, busy, outcome, complete } = props;
  const erased = outcome === 'erased';
  return (
    <section className="your-data" aria-label={t('data.title')}>
      {receipt && (
        <p>
          {t('data.receipt')} <code className="receipt">{grouped(receipt)}</code>
        </p>
      )}
      {props.code}
      {!erased && <p className="muted small">{t(receipt ? (kept ? 'data.kept' : 'data.notKept') : 'data.hint')}</p>}
      {!erased && (
        <div className="controls">
          <button type="button" className="button small" disabled={busy || !complete} onClick={props.onExport}>
            <Icon name="download" />
            <span>{t('data.export')}</span>
          </button>
          <button type="button" className="button small" disabled={busy || !complete} onClick={props.onErase}>
            <Icon name="end" />
            <span>{t('data.erase')}</span>
          </button>
        </div>
      )}
      <p role="status" className={outcome === 'failed' || outcome === 'unknown' ? 'field-error' : 'small'}>
        {outcome ? t(`data.${outcome}`) : ''}
      </p>
    </section>
  );
}
