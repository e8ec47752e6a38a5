import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, eraseRecord, exportRecord } from '@/api/client.ts';
import { downloadText } from '@/lib/download.ts';
import { CALENDAR, localeFor } from '@/lib/locale.ts';
import { type Outcome, YourDataView } from './YourDataView.tsx';

type Props = {
  /** The receipt code of the call; null: the traveller types one. */
  receipt: string | null;
  /** Whether the words of the call were to be kept. */
  kept: boolean;
  onErased?: () => void;
};

/** The traveller's own record of a call: seen and erased by its receipt code. */
export function YourData({ receipt, kept, onErased }: Props) {
  const { t, i18n } = useTranslation();
  const [typed, setTyped] = useState('');
  const [outcome, setOutcome] = useState<Outcome>(null);
  const [busy, setBusy] = useState(false);
  const [sure, setSure] = useState(false);
  const [proof, setProof] = useState<{ rows: number; when: string } | null>(null);
  const id = useId();
  const code = receipt ?? typed.replace(/[^A-Za-z2-9]/g, '').toUpperCase();

  async function erase(): Promise<Outcome> {
    const { status, rows, erased_at } = await eraseRecord(code);
    if (status !== 'erased') return 'failed';
    setProof({
      rows: Object.values(rows).reduce((sum, count) => sum + count, 0),
      when: new Intl.DateTimeFormat(localeFor(i18n.language), {
        ...CALENDAR,
        dateStyle: 'medium',
        timeStyle: 'short',
      }).format(new Date(erased_at ?? Date.now())),
    });
    onErased?.();
    return 'erased';
  }

  async function run(work: () => Promise<Outcome>): Promise<void> {
    setBusy(true);
    setOutcome(null);
    try {
      setOutcome(await work());
    } catch (error) {
      const unknown = error instanceof ApiError && error.kind === 'invalid';
      setOutcome(unknown ? 'unknown' : 'failed');
    } finally {
      setBusy(false);
    }
  }

  return (
    <YourDataView
      receipt={receipt}
      kept={kept}
      busy={busy}
      sure={sure}
      proof={proof}
      outcome={outcome}
      complete={code.length === 20}
      code={
        receipt ? null : (
          <div className="field">
            <label htmlFor={id}>{t('data.code')}</label>
            <input
              id={id}
              value={typed}
              maxLength={40}
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
              onChange={(event) => setTyped(event.target.value)}
            />
          </div>
        )
      }
      onExport={() =>
        void run(async () => {
          downloadText('polyglot-call.json', await exportRecord(code), 'application/json');
          return 'exported';
        })
      }
      onErase={() => {
        setSure(!sure);
        if (sure) void run(erase);
        else setOutcome(null);
      }}
      onKeep={() => setSure(false)}
    />
  );
}
