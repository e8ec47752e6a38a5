import { useState } from 'react';
import * as z from 'zod/mini';
import { pipelineSchema } from '@/api/schemas.ts';
import { LANGUAGE_CODES } from '@/i18n/languages.ts';
import { downloadText } from '@/lib/download.ts';
import { type Ask, callPageSchema, endReasonSchema } from './api.ts';
import { CallTable, Problem, worded } from './parts.tsx';
import { useAddress } from './route.ts';
import { useLoaded, wordsOf } from './useLoaded.ts';

const FILTERS = [
  'since',
  'until',
  'language',
  'reason',
  'tenant',
  'failed',
  'slow',
  'early',
  'text',
  'pipeline',
  'revision',
] as const;

const TICKS = {
  failed: 'Something of it did not work',
  slow: 'Somebody waited two seconds or more for a first sound',
  early: 'Over within eight seconds of its beginning',
} as const;

/** The filters of an address as the API takes them: days are whole days of the operator's own zone. */
export function filtersOf(params: URLSearchParams): URLSearchParams {
  const filters = new URLSearchParams();
  for (const name of FILTERS) {
    const value = params.get(name);
    if (!value) continue;
    if (name !== 'since' && name !== 'until') {
      filters.set(name, value);
      continue;
    }
    const moment = new Date(`${value}T${name === 'since' ? '00:00:00' : '23:59:59'}`);
    // No day is no filter; the field is empty then, too.
    if (!Number.isNaN(moment.getTime())) filters.set(name, moment.toISOString());
  }
  return filters;
}

/** Calls by filter, newest first. */
export function Calls({ ask }: { ask: Ask }) {
  const [params, change] = useAddress();
  const [problem, setProblem] = useState<string | null>(null);
  const filters = filtersOf(params);
  const cursor = params.get('cursor') ?? '';
  const asked = new URLSearchParams(filters);
  if (cursor) asked.set('cursor', cursor);
  const page = useLoaded(asked.toString(), () => ask(callPageSchema, `/v1/calls?${asked}`));
  const set = (name: string, value: string): void => change({ [name]: value, cursor: '' });

  async function save(): Promise<void> {
    setProblem(null);
    try {
      const all = await ask(z.array(z.unknown()), `/v1/calls/export?${filters}`);
      downloadText('calls.json', JSON.stringify(all, null, 2), 'application/json');
    } catch (error) {
      setProblem(wordsOf(error));
    }
  }

  return (
    <>
      <form className="filters" onSubmit={(event) => event.preventDefault()} aria-label="Filters">
        <label>
          From
          <input type="date" value={params.get('since') ?? ''} onChange={(event) => set('since', event.target.value)} />
        </label>
        <label>
          To
          <input type="date" value={params.get('until') ?? ''} onChange={(event) => set('until', event.target.value)} />
        </label>
        <label>
          Language
          <select value={params.get('language') ?? ''} onChange={(event) => set('language', event.target.value)}>
            <option value="">any</option>
            {LANGUAGE_CODES.map((code) => (
              <option key={code}>{code}</option>
            ))}
          </select>
        </label>
        <label>
          Ended by
          <select value={params.get('reason') ?? ''} onChange={(event) => set('reason', event.target.value)}>
            <option value="">anything</option>
            {endReasonSchema.options.map((reason) => (
              <option key={reason} value={reason}>
                {worded(reason)}
              </option>
            ))}
          </select>
        </label>
        <label>
          Pipeline
          <select value={params.get('pipeline') ?? ''} onChange={(event) => set('pipeline', event.target.value)}>
            <option value="">any</option>
            {pipelineSchema.options.map((pipeline) => (
              <option key={pipeline}>{pipeline}</option>
            ))}
          </select>
        </label>
        <label>
          Tenant
          <input
            maxLength={63}
            defaultValue={params.get('tenant') ?? ''}
            onBlur={(event) => set('tenant', event.target.value.trim())}
            onKeyDown={(event) => event.key === 'Enter' && set('tenant', event.currentTarget.value.trim())}
          />
        </label>
        <label>
          Version
          <input
            key={params.get('revision')}
            maxLength={64}
            pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
            title="Of the agent, as its deployment calls it"
            defaultValue={params.get('revision') ?? ''}
            onBlur={(event) => event.target.validity.valid && set('revision', event.target.value)}
            onKeyDown={(event) =>
              event.key === 'Enter' && event.currentTarget.validity.valid && set('revision', event.currentTarget.value)
            }
          />
        </label>
        <label>
          Said
          <input
            type="search"
            minLength={2}
            maxLength={100}
            defaultValue={params.get('text') ?? ''}
            onBlur={(event) => set('text', event.target.value)}
            onKeyDown={(event) => event.key === 'Enter' && set('text', event.currentTarget.value)}
          />
        </label>
        {(['failed', 'slow', 'early'] as const).map((name) => (
          <label className="check" key={name}>
            <input
              type="checkbox"
              checked={params.get(name) === 'true'}
              onChange={(event) => set(name, event.target.checked ? 'true' : '')}
            />
            <span title={TICKS[name]}>{name}</span>
          </label>
        ))}
        <button type="button" className="button small" onClick={() => void save()}>
          Save as JSON
        </button>
      </form>
      <Problem>{problem ?? page.problem}</Problem>
      <div aria-busy={page.loading}>{page.value && <CallTable calls={page.value.calls} />}</div>
      <div className="controls">
        {cursor && (
          <button type="button" className="button small" onClick={() => change({ cursor: '' })}>
            Newest
          </button>
        )}
        {page.value?.next_cursor && (
          <button
            type="button"
            className="button small"
            onClick={() => change({ cursor: page.value?.next_cursor ?? '' })}
          >
            Older
          </button>
        )}
      </div>
    </>
  );
}
