/** States worth looking at, made by the reducer itself. For the gallery and the tests; not part of the build. */
import { noticeMessageSchema, resultsMessageSchema, sessionStatusSchema } from '@/api/schemas.ts';
import { type Action, initialState, reduce, type State } from '@/features/conversation/state.ts';
import notice from '../../tests/fixtures/notice.json' with { type: 'json' };
import results from '../../tests/fixtures/results.json' with { type: 'json' };
import status from '../../tests/fixtures/session_status.json' with { type: 'json' };

const AT = Date.parse('2026-11-21T10:00:00Z');

export const after = (...actions: Action[]): State => actions.reduce(reduce, initialState);

const connected: Action[] = [
  { type: 'started', language: 'auto' },
  { type: 'session', pipeline: 'realtime' },
  { type: 'microphone', microphone: 'on' },
  { type: 'connection', connection: 'connected' },
];
const ready: Action[] = [
  ...connected,
  { type: 'agent', agent: 'listening' },
  { type: 'agent-language', language: 'en' },
];
const greeting = "Hello, I'm Polyglot, an AI travel assistant. Where would you like to fly?";
const answer =
  'I found 6 flights from Madrid to Berlin for tomorrow. This is sample data. The cheapest is Iberia at 8:25 for 89.90 euros, nonstop.';
const greeted: Action[] = [
  ...ready,
  { type: 'speech', id: 'a1', side: 'assistant', text: greeting, final: true, at: AT },
];
const asked: Action[] = [
  ...greeted,
  {
    type: 'speech',
    id: 'u1',
    side: 'user',
    text: 'Find me a flight from Madrid to Berlin tomorrow',
    final: true,
    at: AT + 4000,
  },
];
const answered: Action[] = [
  ...asked,
  { type: 'agent', agent: 'speaking' },
  { type: 'results', message: resultsMessageSchema.parse(results) },
  { type: 'speech', id: 'a2', side: 'assistant', text: answer, final: true, at: AT + 6000 },
];

export const STATES = {
  connecting: after({ type: 'started', language: 'auto' }),
  listening: after(...greeted),
  hearing: after(...greeted, {
    type: 'speech',
    id: 'u1',
    side: 'user',
    text: 'Find me a flight from',
    final: false,
    at: AT + 4000,
  }),
  searching: after(
    ...asked,
    { type: 'agent', agent: 'thinking' },
    { type: 'notice', notice: noticeMessageSchema.parse({ ...notice, kind: 'searching' }) },
  ),
  results: after(...answered),
  notice: after(
    ...asked,
    { type: 'microphone', microphone: 'denied' },
    { type: 'notice', notice: noticeMessageSchema.parse(notice) },
  ),
  failed: after(...connected, { type: 'status', status: sessionStatusSchema.parse(status) }),
  reconnecting: after(...answered, { type: 'connection', connection: 'reconnecting' }),
  lost: after(...answered, { type: 'ended' }, { type: 'trouble', trouble: 'lost' }),
  ended: after(...answered, { type: 'ended' }),
} as const;

const nothing = (): void => undefined;

/** A room in which nothing happens. */
export const IDLE = {
  retrying: false,
  onSend: nothing,
  onFile: nothing,
  onStop: nothing,
  onMuted: nothing,
  onLanguage: nothing,
  onSelect: nothing,
  onView: nothing,
  onRetry: nothing,
  onEnd: nothing,
  onHold: nothing,
  onRestart: nothing,
  onDownload: nothing,
  onDismissNotice: nothing,
  onAllowPlayback: nothing,
} as const;
