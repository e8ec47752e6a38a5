/** States worth looking at, made by the reducer itself. For the gallery and the tests; not part of the build. */
import {
  noticeMessageSchema,
  type Offer,
  type Problem,
  resultsMessageSchema,
  sessionStatusSchema,
} from '@/api/schemas.ts';
import type { Comparison, PriceCalendar } from '@/api/trips.ts';
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

const message = resultsMessageSchema.parse(results);
/** As many as a search gives at most, some of them with names and prices that are long. */
const many = {
  ...message,
  total_offers: 20,
  result: {
    ...message.result,
    offers: Array.from({ length: 20 }, (_, index) => {
      const offer = message.result.offers[index % message.result.offers.length] as Offer;
      const name = index % 4 === 3 ? 'Compagnie Aérienne des Îles et des Montagnes' : offer.carrier.name;
      return {
        ...offer,
        id: `${offer.id}-${index}`,
        carrier: { ...offer.carrier, name },
        total: { ...offer.total, amount: index % 5 === 4 ? '12345.67' : offer.total.amount },
      };
    }),
  },
};
const LONG = `Ich möchte ${'wirklich '.repeat(20)}nach Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch.`;

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
  many: after(
    ...asked,
    { type: 'results', message: many },
    { type: 'view', view: { ...many.view, sort_by: 'duration' } },
  ),
  selected: after(...answered, { type: 'select', number: 2 }),
  interrupted: after(
    ...asked,
    { type: 'agent', agent: 'speaking' },
    { type: 'speech', id: 'a2', side: 'assistant', text: 'I found 6', final: false, at: AT + 6000 },
    { type: 'stop' },
  ),
  typed: after(
    { type: 'started', language: 'de' },
    { type: 'session', pipeline: 'text' },
    { type: 'connection', connection: 'connected' },
    { type: 'typed', id: 't1', text: LONG, delivery: 'queued', at: AT },
  ),
  operator: after(...greeted, {
    type: 'speech',
    id: 'o1',
    side: 'operator',
    text: 'Your booking code is ABC 123.',
    final: true,
    at: AT + 9000,
  }),
  recorded: after(...greeted, { type: 'recording', on: true }, { type: 'sharing', on: true }),
  weak: after(...answered, { type: 'quality', unstable: true }),
  unheard: after(...greeted, { type: 'unheard' }),
  offline: after({ type: 'offline', offline: true }, { type: 'started', language: 'auto' }),
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

/** What the API says of a place that it does not know. */
export const PROBLEM: Problem = {
  type: '/problems/unknown-place',
  title: 'Unknown place',
  status: 422,
  detail: 'origin: there is no such place',
  errors: [
    { field: 'origin', problem: 'there is no such place', allowed: 'a city, an airport or an IATA code', choices: [] },
  ],
  retryable: false,
};

const [first, second] = message.result.offers as [Offer, Offer];

export const COMPARISON: Comparison = {
  offers: [first, second],
  facts: [
    { fact: 'price', values: ['89.90', '120.00'], best: [0] },
    { fact: 'duration', values: ['170', '245'], best: [0] },
    { fact: 'stops', values: ['0', '1'], best: [0] },
    { fact: 'checked_bags', values: ['1', null], best: [0] },
  ],
  same: ['cabin', 'refundable'],
};

export const CALENDAR: PriceCalendar = {
  currency: 'EUR',
  price_kind: 'cached',
  days: Array.from({ length: 35 }, (_, index) => ({
    date: new Date(Date.UTC(2026, 11, 1 + index)).toISOString().slice(0, 10),
    return_date: null,
    price: index % 9 === 8 ? null : { amount: String(80 + ((index * 37) % 90)), currency: 'EUR' },
  })),
  cheapest: '2026-12-01',
};
