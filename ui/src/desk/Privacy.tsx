import { type FormEvent, useState } from 'react';
import * as z from 'zod/mini';
import { downloadText } from '@/lib/download.ts';
import { type Ask, erasedSchema } from './api.ts';
import { Kept } from './Kept.tsx';
import { Problem } from './parts.tsx';
import { wordsOf } from './useLoaded.ts';

/** A traveller's wish, by the receipt code that the traveller has: what is kept, or its end. */
export function Privacy({ ask }: { ask: Ask }) {
  const [said, setSaid] = useState('');
  const [problem, setProblem] = useState<string | null>(null);

  async function act(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget, (event.nativeEvent as SubmitEvent).submitter);
    const receipt = String(form.get('receipt') ?? '')
      .replace(/[^A-Za-z2-9]/g, '')
      .toUpperCase();
    setSaid('');
    setProblem(null);
    try {
      if (form.get('act') === 'export') {
        const record = await ask(z.record(z.string(), z.unknown()), '/v1/privacy/export', { receipt });
        downloadText('traveller.json', JSON.stringify(record, null, 2), 'application/json');
        setSaid('Saved as a file.');
      } else {
        setSaid(erasedWords((await ask(erasedSchema, '/v1/privacy/erase', { receipt })).rows));
      }
    } catch (error) {
      setProblem(wordsOf(error));
    }
  }

  return (
    <>
      <form className="filters" onSubmit={(event) => void act(event)} aria-label="By receipt code">
        <label>
          Receipt code
          <input name="receipt" required autoComplete="off" spellCheck={false} />
        </label>
        <button type="submit" name="act" value="export" className="button small">
          Save what is kept
        </button>
        <button type="submit" name="act" value="erase" className="button small">
          Erase it
        </button>
        <p role="status">{said}</p>
        <Problem>{problem}</Problem>
      </form>
      <Kept ask={ask} />
    </>
  );
}

/** What was erased, by kind. */
export function erasedWords(rows: Record<string, number>): string {
  const some = Object.entries(rows).filter(([, count]) => count > 0);
  const list = some.map(([name, count]) => `${name.replaceAll('_', ' ')}: ${count}`).join(', ');
  return `Erased. ${list || 'There was nothing left'}.`;
}
