/** A call as a scenario of the dialogue suite (`tests/integration/dialogues/CODE.yaml`): what was asked, what was done. */
import type { TimelineEntry } from './api.ts';

/** A string as YAML reads it without surprises. */
const quoted = (text: string): string => JSON.stringify(text);

/** The scenario; null where the traveller did not agree to keeping what was said. */
export function scenarioOf(name: string, entries: readonly TimelineEntry[]): string | null {
  const turns: { say: string; calls: string[] }[] = [];
  for (const { kind, body } of entries) {
    if (kind === 'said' && body.role === 'user' && typeof body.text === 'string') {
      turns.push({ say: body.text, calls: [] });
    } else if (kind === 'tool' && body.outcome === 'ok' && typeof body.name === 'string') {
      turns.at(-1)?.calls.push(body.name);
    }
  }
  if (turns.length === 0) return null;
  const lines = turns.flatMap(({ say, calls }) => [
    `  - say: ${quoted(say)}`,
    ...(calls.length === 0 ? ['    calls: []'] : ['    calls:', ...calls.map((call) => `    - ${call}`)]),
  ]);
  return [`- name: ${quoted(name)}`, '  turns:', ...lines, ''].join('\n');
}
