import { type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/ui/Icon.tsx';

/** What came of it: null while nothing was asked. */
export type Outcome = 'exported' | 'erased' | 'unknown' | 'failed' | null;

type Props = {
  receipt: string | null;
  kept: boolean;
  busy: boolean;
  outcome: Outcome;
  /** How much was erased, and when: shown with the outcome. */
  proof?: { rows: number; when: string } | null;
  /** Asked whether it is meant: what is erased does not come back. */
  sure?: boolean;
  /** Whether there is a whole code to work with. */
  complete: boolean;
  /** Where a code is typed, when none is known. */
  code: ReactNode;
  onExport: () => void;
  onErase: () => void;
  /** Go on without erasing. */
  onKeep?: () => void;
};

/** Twenty letters and digits in groups, as people copy them. */
export const grouped = (receipt: string): string => receipt.match(/.{1,5}/g)?.join('-') ?? receipt;

/** Get it, or erase it and be asked once more: what is pressed twice by mistake keeps the data. */
function Actions({ sure, busy, complete, onErase, onExport, onKeep }: Props) {
  const { t } = useTranslation();
  const asked = useId();
  const disabled = busy || !complete;
  return (
    <>
      {sure && <p id={asked}>{t('data.sure')}</p>}
      <div className="controls">
        <button
          type="button"
          className="button small"
          disabled={disabled}
          aria-describedby={sure ? asked : undefined}
          onClick={sure ? onErase : onExport}
        >
          <Icon name={sure ? 'end' : 'download'} />
          <span>{t(sure ? 'data.erase' : 'data.export')}</span>
        </button>
        <button type="button" className="button small" disabled={disabled} onClick={sure ? onKeep : onErase}>
          {!sure && <Icon name="end" />}
          <span>{t(sure ? 'data.keep' : 'data.erase')}</span>
        </button>
      </div>
    </>
  );
}

/** The receipt of a call, and what can be done with it. */
export function YourDataView(props: Props) {
  const { t } = useTranslation();
  const { receipt, kept, outcome, proof } = props;
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
      {!erased && <Actions {...props} />}
      <p role="status" className={outcome === 'failed' || outcome === 'unknown' ? 'field-error' : 'small'}>
        {outcome ? t(`data.${outcome}`) : ''}
        {erased && proof ? ` ${t('data.proof', proof)}` : ''}
      </p>
    </section>
  );
}
