/** States worth looking at, made by the reducer itself. For the gallery and the tests; not part of the build. */
import {
  noticeMessageSchema,
  type Offer,
  type Problem,
  resultsMessageSchema,
  sessionStatusSchema,
} from '@/api/schemas.ts';
import type { Comparison, PriceCalendar } from '@/api/trips.ts';
import { type Done, initialState, reduce, type State, type Told } from '@/features/conversation/state.ts';
import notice from '../../tests/fixtures/notice.json' with { type: 'json' };
import results from '../../tests/fixtures/results.json' with { type: 'json' };
import status from '../../tests/fixtures/session_status.json' with { type: 'json' };

const AT = Date.parse('2026-11-21T10:00:00Z');

export type Step = Done | Told;
const DONE: readonly string[] = [
  'started',
  'offline',
  'language',
  'delivery',
  'found',
  'select',
  'view',
  'show',
  'warned',
  'dismiss-notice',
  'erased',
] satisfies Done['type'][];
const isDone = (step: Step): step is Done => DONE.includes(step.type);

/** What happens, one after the other, in the call that is the newest then. */
export const stateAfter = (...steps: Step[]): State => onwards(initialState, ...steps);
export const onwards = (from: State, ...steps: Step[]): State =>
  steps.reduce((state, step) => reduce(state, isDone(step) ? step : { ...step, call: state.calls }), from);

const connected: Step[] = [
  { type: 'started', language: 'auto' },
  { type: 'session', pipeline: 'realtime' },
  { type: 'microphone', microphone: 'on' },
  { type: 'connected' },
];
const ready: Step[] = [...connected, { type: 'agent', agent: 'listening' }, { type: 'agent-language', language: 'en' }];
const greeting = "Hello, I'm Polyglot, an AI travel assistant. Where would you like to fly?";
const answer =
  'I found 6 flights from Madrid to Berlin for tomorrow. This is sample data. The cheapest is Iberia at 8:25 for 89.90 euros, nonstop.';
const greeted: Step[] = [
  ...ready,
  { type: 'speech', id: 'a1', side: 'assistant', text: greeting, final: true, at: AT },
];
const asked: Step[] = [
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
const answered: Step[] = [
  ...asked,
  { type: 'agent', agent: 'speaking' },
  { type: 'results', message: resultsMessageSchema.parse(results) },
  { type: 'speech', id: 'a2', side: 'assistant', text: answer, final: true, at: AT + 6000 },
];

const message = resultsMessageSchema.parse(results);
/** The way with a stop at which one goes from one airport to another. */
const moved = (offer: Offer): Offer => ({
  ...offer,
  slices: offer.slices.map((slice) => ({
    ...slice,
    segments: slice.segments.map((segment, index) =>
      index > 0 ? { ...segment, origin: { ...segment.origin, code: 'LGW', name: 'London Gatwick' } } : segment,
    ),
  })),
});
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
        ...(index % 8 === 7 ? moved(offer) : offer),
        id: `${offer.id}-${index}`,
        carrier: { ...offer.carrier, name },
        total: { ...offer.total, amount: index % 5 === 4 ? '12345.67' : offer.total.amount },
      };
    }),
  },
};
/** As many as the largest answer has, each at another time and price. */
export const LARGEST = {
  ...message,
  selected: null,
  total_offers: 200,
  view: { ...message.view, max_stops: null },
  result: {
    ...message.result,
    search_id: 's_largest',
    offers: Array.from({ length: 200 }, (_, index) => {
      const offer = message.result.offers[index % message.result.offers.length] as Offer;
      return {
        ...offer,
        id: `${offer.id}-${index}`,
        total: { ...offer.total, amount: String(80 + ((index * 37) % 400)) },
      };
    }),
  },
};

/** With everything that can be wished for, and a name that other places have too. */
const wished = {
  ...message,
  result: {
    ...message.result,
    query: {
      ...message.result.query,
      return_date: '2026-11-29',
      children: [4],
      infants: 1,
      filters: {
        ...message.result.query.filters,
        checked_bags: 1,
        refundable: true,
        without_airlines: ['FR'],
        depart_from: '08:00',
        max_price: '500',
      },
    },
    namesakes: [
      { ...message.result.query.destination, code: 'BML', name: 'Berlin', area: 'New Hampshire', country: 'US' },
    ],
    unkept: ['refundable' as const],
    complete: false,
  },
};
const LONG = `Ich möchte ${'wirklich '.repeat(20)}nach Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch.`;

export const STATES = {
  connecting: stateAfter({ type: 'started', language: 'auto' }),
  listening: stateAfter(...greeted),
  hearing: stateAfter(...greeted, {
    type: 'speech',
    id: 'u1',
    side: 'user',
    text: 'Find me a flight from',
    final: false,
    at: AT + 4000,
  }),
  searching: stateAfter(
    ...asked,
    { type: 'agent', agent: 'thinking' },
    { type: 'notice', notice: noticeMessageSchema.parse({ ...notice, kind: 'searching' }) },
  ),
  results: stateAfter(...answered),
  'two-searches': stateAfter(...answered, {
    type: 'results',
    message: {
      ...message,
      result: {
        ...message.result,
        search_id: 's_fixture02',
        query: { ...message.result.query, departure_date: '2026-11-27' },
      },
    },
  }),
  many: stateAfter(
    ...asked,
    { type: 'results', message: many },
    { type: 'view', view: { ...many.view, sort_by: 'duration' } },
  ),
  wishes: stateAfter(...answered, { type: 'results', message: wished }),
  selected: stateAfter(...answered, { type: 'select', number: 2 }),
  interrupted: stateAfter(
    ...asked,
    { type: 'agent', agent: 'speaking' },
    { type: 'speech', id: 'a2', side: 'assistant', text: 'I found 6', final: false, at: AT + 6000 },
    { type: 'stop' },
  ),
  typed: stateAfter(
    { type: 'started', language: 'de', typing: true },
    { type: 'session', pipeline: 'text' },
    { type: 'connected' },
    { type: 'typed', id: 't1', text: LONG, delivery: 'queued', at: AT },
  ),
  operator: stateAfter(...greeted, {
    type: 'speech',
    id: 'o1',
    side: 'operator',
    text: 'Your booking code is ABC 123.',
    final: true,
    at: AT + 9000,
  }),
  recorded: stateAfter(...greeted, { type: 'recording', on: true }, { type: 'sharing', on: true }),
  weak: stateAfter(...answered, { type: 'quality', connection: 'weak' }),
  silent: stateAfter(...answered, { type: 'agent-silent' }),
  unheard: stateAfter(...greeted, { type: 'unheard' }),
  offline: stateAfter({ type: 'offline', offline: true }, { type: 'started', language: 'auto' }),
  notice: stateAfter(
    ...asked,
    { type: 'microphone', microphone: 'denied' },
    { type: 'notice', notice: noticeMessageSchema.parse(notice) },
  ),
  failed: stateAfter(...connected, { type: 'status', status: sessionStatusSchema.parse(status) }),
  reconnecting: stateAfter(...answered, { type: 'reconnecting' }),
  lost: stateAfter(...answered, { type: 'ended', reason: 'lost' }),
  ended: stateAfter(...answered, { type: 'ended', reason: 'left' }),
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
  onShow: nothing,
  onSearch: nothing,
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

export const POSITIONS = new Map<string, [longitude: number, latitude: number]>([
  ['MAD', [-3.57, 40.47]],
  ['BCN', [2.08, 41.3]],
  ['BER', [13.5, 52.37]],
]);
export const CHANGING = second;

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
