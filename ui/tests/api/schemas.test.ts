import { describe, expect, it } from 'vitest';
import {
  noticeMessageSchema,
  problemSchema,
  resultsMessageSchema,
  sessionStartedSchema,
  sessionStatusSchema,
  showRequestSchema,
} from '@/api/schemas.ts';
import notice from '../fixtures/notice.json' with { type: 'json' };
import problem from '../fixtures/problem.json' with { type: 'json' };
import results from '../fixtures/results.json' with { type: 'json' };
import started from '../fixtures/session_started.json' with { type: 'json' };
import status from '../fixtures/session_status.json' with { type: 'json' };
import show from '../fixtures/show_request.json' with { type: 'json' };

describe('what the Python side writes', () => {
  it.each([
    ['results', resultsMessageSchema, results],
    ['notice', noticeMessageSchema, notice],
    ['session started', sessionStartedSchema, started],
    ['session status', sessionStatusSchema, status],
    ['show request', showRequestSchema, show],
    ['problem', problemSchema, problem],
  ] as const)('%s is understood', (_name, schema, value) => {
    expect(schema.safeParse(value).error).toBeUndefined();
  });

  it('keeps an unknown bag count apart from none', () => {
    const bags = resultsMessageSchema.parse(results).result.offers.map((offer) => offer.bags.checked);
    expect(bags).toEqual([0, null, 1, null]);
  });

  it('is taken even when it holds fields of a newer version', () => {
    expect(sessionStartedSchema.parse({ ...started, region: 'eu' })).not.toHaveProperty('region');
  });
});

describe('what is refused', () => {
  const offers = results.result.offers;
  it.each([
    ['an unknown wire version', { ...results, version: 2 }],
    ['a card number below one', { ...results, selected: 0 }],
    [
      'money as a number',
      {
        ...results,
        result: { ...results.result, offers: [{ ...offers[0], total: { amount: 89.9, currency: 'EUR' } }] },
      },
    ],
    [
      'a journey without a segment',
      {
        ...results,
        result: { ...results.result, offers: [{ ...offers[0], slices: [{ segments: [], duration_minutes: 1 }] }] },
      },
    ],
    ['a price kind that we could not label', { ...results, result: { ...results.result, price_kind: 'guess' } }],
    ['a time without an offset', { ...results, result: { ...results.result, fetched_at: '2026-11-21T09:45:00' } }],
  ])('%s', (_name, value) => {
    expect(resultsMessageSchema.safeParse(value).success).toBe(false);
  });

  it('a media server that is not a WebSocket', () => {
    expect(sessionStartedSchema.safeParse({ ...started, server_url: 'javascript:alert(1)' }).success).toBe(false);
  });
});
