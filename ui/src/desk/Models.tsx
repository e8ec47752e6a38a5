import { type Ask, modelsSchema } from './api.ts';
import { Head, Problem, Wide, when } from './parts.tsx';
import { useLoaded } from './useLoaded.ts';

/** The models in use, those that their providers switch off first. */
export function Models({ ask }: { ask: Ask }) {
  const { value, problem } = useLoaded('models', () => ask(modelsSchema, '/v1/desk/models'));
  const soon = value?.models.filter((one) => one.soon).length ?? 0;
  return (
    <>
      <Problem>{problem}</Problem>
      {value && (
        <>
          <p role="status">
            {soon > 0
              ? `${soon} of these ${soon === 1 ? 'ends' : 'end'} within 30 days: name another in the settings now.`
              : 'None of these ends within 30 days.'}
          </p>
          <p className="muted small">
            {value.reported_at
              ? `As calls reported them, the last one ${when(value.reported_at)}.`
              : 'No call has said of late with which models it began.'}{' '}
            Days by the registry and the provider’s own announcements; <code>polyglot config check</code> asks the
            provider too.
          </p>
        </>
      )}
      {value && value.models.length > 0 && (
        <Wide name="Models">
          <Head names={['Stage', 'Model', 'Used by', 'Switched off', 'Days left', 'Instead']} />
          <tbody>
            {value.models.map((one) => (
              <tr key={`${one.stage} ${one.provider} ${one.model}`}>
                <td>{one.stage}</td>
                <th scope="row">
                  {one.provider}/{one.model}
                </th>
                <td>{one.by.join(', ')}</td>
                <td>{one.shutdown ?? 'nothing announced'}</td>
                <td>
                  {one.days_left !== null && (
                    <span className={one.soon ? 'tag bad' : 'tag'}>
                      {one.days_left > 0 ? one.days_left : 'switched off'}
                    </span>
                  )}
                </td>
                <td>{one.replacement}</td>
              </tr>
            ))}
          </tbody>
        </Wide>
      )}
    </>
  );
}
