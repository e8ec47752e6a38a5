/**
 * The page's side of the wire types in `contracts/`. Everything that comes from outside passes one of these before it
 * reaches the state. Unknown fields are dropped, so that a newer server does not break an open page.
 */
import * as z from 'zod/mini';

const count = z.number().check(z.nonnegative());
export const moment = z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/));
export const day = z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/));
/** Pydantic writes an absent optional as null; older peers leave it out. */
export const optional = <T extends z.ZodMiniType>(schema: T) => z._default(z.nullable(schema), null);

export const pipelineSchema = z.enum(['realtime', 'cascade', 'text']);
export type Pipeline = z.infer<typeof pipelineSchema>;

export const sessionStartedSchema = z.object({
  session_id: z.string(),
  room_name: z.string(),
  server_url: z.string().check(z.regex(/^wss?:\/\//)),
  participant_token: z.string().check(z.minLength(1)),
  pipeline: pipelineSchema,
  receipt: optional(z.string()),
});
export type SessionStarted = z.infer<typeof sessionStartedSchema>;

export const verdictSchema = z.enum([
  'waiting_for_user',
  'dispatched',
  'assigned',
  'joined',
  'ready',
  'no_worker',
  'never_joined',
  'never_started',
  'rejected',
  'lost',
  'ended',
]);
export type Verdict = z.infer<typeof verdictSchema>;

export const sessionStatusSchema = z.object({
  session_id: z.string(),
  verdict: verdictSchema,
  gave_up: z._default(z.boolean(), false),
  message: optional(z.string()),
});
export type SessionStatus = z.infer<typeof sessionStatusSchema>;

export const currency = z.string().check(z.regex(/^[A-Z]{3}$/));
export const money = z.object({ amount: z.string().check(z.regex(/^\d{1,9}(\.\d{1,3})?$/)), currency });
const carrier = z.object({ code: z.string(), name: z.string() });
const airport = z.object({ code: z.string(), name: z.string(), city: z.string(), time_zone: z.string() });
export const place = z.object({ code: z.string(), name: z.string() });

const segment = z.object({
  carrier,
  operating_carrier: optional(carrier),
  flight_number: z.string(),
  origin: airport,
  destination: airport,
  departs_at: moment,
  arrives_at: moment,
  duration_minutes: count,
  aircraft: optional(z.string()),
});
const slice = z.object({ segments: z.array(segment).check(z.minLength(1)), duration_minutes: count });
export const priceKindSchema = z.enum(['live', 'metasearch', 'cached', 'sample']);
export type PriceKind = z.infer<typeof priceKindSchema>;

const tristate = z.enum(['yes', 'no', 'unknown']);
const cabin = z.enum(['economy', 'premium_economy', 'business', 'first']);

export const offerSchema = z.object({
  id: z.string(),
  price_kind: priceKindSchema,
  total: money,
  carrier,
  slices: z.array(slice).check(z.minLength(1)),
  cabin,
  fare_brand: optional(z.string()),
  bags: z._default(z.object({ carry_on: optional(count), checked: optional(count) }), {
    carry_on: null,
    checked: null,
  }),
  refundable: z._default(tristate, 'unknown'),
  changeable: z._default(tristate, 'unknown'),
  emissions_kg: optional(count),
  fetched_at: moment,
  expires_at: optional(moment),
  // Only an address of the web: anything else could run here.
  deep_link: z.catch(optional(z.string().check(z.regex(/^https:\/\//))), null),
});

export const searchResultSchema = z.object({
  version: z.literal(1),
  search_id: z.string(),
  query: z.object({
    origin: place,
    destination: place,
    departure_date: day,
    return_date: optional(day),
    further: z._default(z.array(z.object({ destination: place, date: day })), []),
    adults: z._default(count, 1),
    children: z._default(z.array(count), []),
    infants: z._default(count, 0),
    cabin: z._default(cabin, 'economy'),
    currency,
  }),
  offers: z.array(offerSchema),
  price_kind: priceKindSchema,
  fetched_at: moment,
  complete: z._default(z.boolean(), true),
  unkept: z._default(z.array(z.enum(['bags', 'refundable'])), []),
});

export const viewSchema = z.object({
  sort_by: z._default(z.enum(['price', 'duration', 'departure']), 'price'),
  max_stops: optional(count),
  carrier: optional(z.string()),
  max_price: optional(z.string()),
});

export const resultsMessageSchema = z.object({
  version: z.literal(1),
  language: z.string(),
  summary: z.string(),
  total_offers: count,
  view: z._default(viewSchema, { sort_by: 'price', max_stops: null, carrier: null, max_price: null }),
  result: searchResultSchema,
  selected: optional(z.number().check(z.gte(1))),
});

export const noticeMessageSchema = z.object({
  version: z.literal(1),
  kind: z.string(),
  language: z.string(),
  text: z.string(),
  severity: z._default(z.enum(['info', 'warning', 'error']), 'info'),
  action: optional(z.enum(['type', 'retry'])),
});

export const stopReplySchema = z.object({ stopped: z.boolean() });
export const languageReplySchema = z.object({ language: z.string() });
export const showRequestSchema = z.object({ search_id: z.string(), selected: optional(z.number()) });

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z._default(z.string(), ''),
  errors: z._default(z.array(z.object({ field: z.string(), problem: z.string(), allowed: optional(z.string()) })), []),
  retryable: z._default(z.boolean(), false),
});

/** What is kept of a call is handed on as it is: it is the traveller's, not ours to choose from. */
export const recordSchema = z.record(z.string(), z.unknown());
export const handlingSchema = z.object({ recording: z.boolean() });
export const erasedSchema = z.object({ status: z.literal('erased'), erased_at: z.string() });

export const placesSchema = z.object({
  places: z.array(z.object({ code: z.string(), name: z.string(), area: optional(z.string()) })),
});

export type PlaceFound = z.infer<typeof placesSchema>['places'][number];
export type Erased = z.infer<typeof erasedSchema>;
export type Offer = z.infer<typeof offerSchema>;
export type Segment = z.infer<typeof segment>;
export type Slice = z.infer<typeof slice>;
export type SearchResult = z.infer<typeof searchResultSchema>;
export type View = z.infer<typeof viewSchema>;
export type ResultsMessage = z.infer<typeof resultsMessageSchema>;
export type NoticeMessage = z.infer<typeof noticeMessageSchema>;
export type Problem = z.infer<typeof problemSchema>;
