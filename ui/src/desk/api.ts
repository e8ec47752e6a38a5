/** What the desk asks of the API, with the operator's key; the same rights as over `curl`, and nothing more. */
import * as z from 'zod/mini';
import { ApiError, request } from '@/api/client.ts';
import { currency, day, moment, money, optional, place, problemSchema } from '@/api/schemas.ts';

export const briefSchema = z.object({
  id: z.string(),
  tenant: z.string(),
  created_at: moment,
  started_at: optional(moment),
  ended_at: optional(moment),
  end_reason: optional(z.string()),
  seconds: optional(z.number()),
  pipeline: z.string(),
  persona: z.string(),
  language: optional(z.string()),
  caller: z.string(),
  turns: z.number(),
  searches: z.number(),
  failures: z.number(),
  slowest_ms: optional(z.number()),
  usd: z.string(),
  unpriced: z.boolean(),
  stored: z.boolean(),
});
export type Brief = z.infer<typeof briefSchema>;

export const callPageSchema = z.object({ calls: z.array(briefSchema), next_cursor: optional(z.string()) });
export type CallPage = z.infer<typeof callPageSchema>;

const recordingSchema = z.object({
  id: z.string(),
  state: z.string(),
  seconds: optional(z.number()),
  size: optional(z.number()),
  location: z.string(),
  error: optional(z.string()),
});
export type Recording = z.infer<typeof recordingSchema>;

export const detailSchema = z.extend(briefSchema, {
  join_seconds: optional(z.number()),
  attempts: z.number(),
  consent: optional(
    z.object({
      at: moment,
      version: z.string(),
      language: z.string(),
      store_turns: z.boolean(),
      record: z._default(z.boolean(), false),
    }),
  ),
  recordings: z._default(z.array(recordingSchema), []),
  summary: optional(z.object({ status: z.string(), text: optional(z.string()) })),
  usage: z.array(
    z.object({
      stage: z.string(),
      provider: z.string(),
      model: z.string(),
      input_tokens: z.number(),
      output_tokens: z.number(),
      characters: z.number(),
      audio_ms: z.number(),
      usd: optional(z.string()),
    }),
  ),
});
export type Detail = z.infer<typeof detailSchema>;

export const entrySchema = z.object({ at: moment, kind: z.string(), body: z.record(z.string(), z.unknown()) });
export type Entry = z.infer<typeof entrySchema>;
export const timelineSchema = z.object({ id: z.string(), entries: z.array(entrySchema) });
export type Timeline = z.infer<typeof timelineSchema>;

export const outcomesSchema = z.object({
  outcomes: z.array(
    z.object({
      day: z.string(),
      language: optional(z.string()),
      calls: z.number(),
      failed: z.number(),
      turns: z.number(),
      searches: z.number(),
      usd: z.string(),
      by_reason: z.record(z.string(), z.number()),
    }),
  ),
});
export type Outcomes = z.infer<typeof outcomesSchema>;

export const keySchema = z.object({
  id: z.string(),
  tenant: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  created_at: moment,
  expires_at: optional(moment),
  revoked_at: optional(moment),
});
export const keysSchema = z.object({ keys: z.array(keySchema) });
export const madeKeySchema = z.extend(keySchema, { secret: z.string() });
export type Key = z.infer<typeof keySchema>;

export const webhooksSchema = z.object({
  webhooks: z.array(z.object({ id: z.string(), tenant: z.string(), url: z.string(), events: z.array(z.string()) })),
});
export const madeWebhookSchema = z.object({ id: z.string(), secret: z.string() });
export const deliveriesSchema = z.object({
  deliveries: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      created_at: moment,
      status: z.enum(['pending', 'delivered', 'failed']),
      attempts: z.number(),
      answer: optional(z.number()),
    }),
  ),
});

export const erasedSchema = z.object({ status: z.literal('erased'), rows: z.record(z.string(), z.number()) });

export const statusSchema = z.object({
  version: z.string(),
  environment: z.string(),
  uptime_seconds: z.number(),
  active_connections: z.number(),
  sessions: z.record(z.string(), z.number()),
  fare_sources: z.array(z.string()),
});
export const agentHealthSchema = z.object({
  status: z.string(),
  agent_name: z.string(),
  joined: z.number(),
  failed: z.number(),
});

export const signInSchema = z.object({
  oidc: optional(z.object({ issuer: z.string(), client_id: z.string(), scopes: z.string(), audience: z.string() })),
});
export type SignIn = z.infer<typeof signInSchema>;
export type OidcSignIn = NonNullable<SignIn['oidc']>;
export const whoSchema = z.object({ kind: z.string(), tenant: z.string(), scopes: z.array(z.string()) });
export type Who = z.infer<typeof whoSchema>;

export const modelsSchema = z.object({
  models: z.array(
    z.object({
      stage: z.string(),
      provider: z.string(),
      model: z.string(),
      by: z.array(z.string()),
      shutdown: optional(day),
      days_left: optional(z.number()),
      soon: z.boolean(),
      replacement: optional(z.string()),
    }),
  ),
  reported_at: optional(moment),
});

const budgetUseSchema = z.object({ limit: z.string(), used: z.number(), most: z.number() });
const tenantBudgetSchema = z.object({
  tenant: optional(z.string()),
  uses: z.array(budgetUseSchema),
  refused: z.record(z.string(), z.number()),
});
export const budgetsSchema = z.object({ day, tenants: z.array(tenantBudgetSchema), shared: z.boolean() });
export type BudgetUse = z.infer<typeof budgetUseSchema>;
export type TenantBudget = z.infer<typeof tenantBudgetSchema>;

export const alertBookSchema = z.object({
  counts: z.record(z.string(), z.number()),
  alerts: z.array(
    z.object({
      id: z.string(),
      tenant: z.string(),
      in_call: z.boolean(),
      query: z.object({ origin: place, destination: place, departure_date: day, return_date: optional(day) }),
      currency,
      max_price: optional(z.string()),
      email: optional(z.string()),
      status: z.string(),
      last_price: optional(money),
      checked_at: optional(moment),
      created_at: moment,
    }),
  ),
  overdue: z.number(),
});

export const privacyBookSchema = z.object({
  records_days: z.number(),
  intakes_days: z.number(),
  deliveries_days: z.number(),
  tenants: z.array(z.object({ tenant: z.string(), turns_days: z.number(), over: z.number() })),
  summaries: z.record(z.string(), z.number()),
  chores: z.array(z.object({ kind: z.string(), next_at: moment, error: optional(z.string()) })),
  queues: z.array(z.object({ kind: z.string(), waiting: z.number(), failed: z.number() })),
});

/** Asks the API with a key. */
export type Ask = <T extends z.ZodMiniType>(schema: T, path: string, body?: unknown) => Promise<z.infer<T>>;
/** Fetches a file with the same key. Throws ApiError. */
export type Fetch = (path: string) => Promise<Blob>;

/**
 * Every question of the desk; a body makes it a POST. `credential` gives the key or token of each question, null asks as
 * a stranger; `onOver` is told when the API does not take it any more.
 */
export const asking =
  (credential: (() => Promise<string>) | null, onOver?: () => void): Ask =>
  async (schema, path, body) => {
    const headers: Record<string, string> = body === undefined ? {} : { 'Content-Type': 'application/json' };
    if (credential) headers.Authorization = `Bearer ${await credential()}`;
    try {
      return await request(schema, path, {
        cache: 'no-store',
        headers,
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      });
    } catch (error) {
      if (error instanceof ApiError && error.problem?.status === 401) onOver?.();
      throw error;
    }
  };

const FILE_TIMEOUT_MS = 120_000;

/** A file of the API, such as a recording. */
export const fetching =
  (credential: () => Promise<string>): Fetch =>
  async (path) => {
    try {
      const headers = { Authorization: `Bearer ${await credential()}` };
      const response = await fetch(path, { cache: 'no-store', headers, signal: AbortSignal.timeout(FILE_TIMEOUT_MS) });
      if (response.ok) return await response.blob();
      const problem = problemSchema.safeParse(await response.json().catch(() => null));
      throw new ApiError('failed', problem.success ? problem.data : null);
    } catch (error) {
      throw error instanceof ApiError ? error : new ApiError('unreachable');
    }
  };
