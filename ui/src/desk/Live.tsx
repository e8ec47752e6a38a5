import { type Ask, agentHealthSchema, callPageSchema, statusSchema } from './api.ts';
import { CallTable, length, Problem } from './parts.tsx';
import { useLoaded } from './useLoaded.ts';

const EVERY_MS = 5_000;

/** The calls that run now, and how the fleet is; looked at again while somebody looks. */
export function Live({ ask }: { ask: Ask }) {
  const calls = useLoaded('live', () => ask(callPageSchema, '/v1/calls?live=true&limit=200'), EVERY_MS);
  const status = useLoaded('status', () => ask(statusSchema, '/status'), EVERY_MS);
  const agents = useLoaded('agents', () => ask(agentHealthSchema, '/health/agent'), EVERY_MS);
  return (
    <>
      <Problem>{calls.problem ?? status.problem ?? agents.problem}</Problem>
      <dl className="figures">
        <Figure name="Calls" value={calls.value?.calls.length} />
        <Figure name="Agents" value={agents.value?.status} />
        <Figure name="Joined, of late" value={agents.value?.joined} />
        <Figure name="Never joined, of late" value={agents.value?.failed} />
        <Figure name="Version" value={status.value?.version} />
        <Figure name="Environment" value={status.value?.environment} />
        <Figure name="Up" value={status.value && length(status.value.uptime_seconds)} />
        <Figure name="Fares from" value={status.value?.fare_sources.join(', ')} />
      </dl>
      {calls.value && <CallTable calls={calls.value.calls} />}
    </>
  );
}

export function Figure({ name, value }: { name: string; value: string | number | null | undefined }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value ?? '–'}</dd>
    </div>
  );
}
