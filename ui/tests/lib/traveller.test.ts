import { afterEach, describe, expect, it, vi } from 'vitest';
import { findPlaces } from '@/api/client.ts';
import { anyFlight } from '@/api/query.ts';
import { searchFlights } from '@/api/stream.ts';
import { bodyOf } from '@/features/voice/session.ts';
import { currencyOf, storeCountry, storeCurrency, traveller } from '@/lib/traveller.ts';
import results from '../fixtures/results.json' with { type: 'json' };
import { streamed } from '../stream.ts';

afterEach(() => vi.unstubAllGlobals());

const query = anyFlight('Madrid', 'Berlin', '2030-05-01');
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const call = () => bodyOf({ language: 'auto', locale: 'en-GB', storeTurns: false });

/** What a search by form or address, and a look for places, tell the API. */
async function told() {
  const fetched = vi.fn(async (path: string, _?: RequestInit) =>
    path.includes('/places')
      ? new Response(JSON.stringify({ places: [] }))
      : new Response(streamed(['done', results.result])),
  );
  vi.stubGlobal('fetch', fetched);
  await searchFlights(query, 'en');
  await findPlaces('Birmingham', 'en').catch(() => undefined);
  const [search, places] = fetched.mock.calls;
  return {
    search: JSON.parse(String(search?.[1]?.body)),
    places: Object.fromEntries(new URLSearchParams(String(places?.[0]).split('?')[1])),
  };
}

describe('who is told of where', () => {
  it('is the same by voice, form and address: the API decides, by the clock before the language', async () => {
    vi.stubGlobal('navigator', { ...navigator, languages: ['en-GB', 'en'] });
    const { search, places } = await told();
    const device = { time_zone: zone, locale: 'en-GB' };
    expect(search).toMatchObject({ ...device, currency: null });
    expect(places).toMatchObject(device);
    expect(call()).toMatchObject(device);
    for (const one of [search, places, call()]) expect(one).not.toHaveProperty('country');
    expect(call()).not.toHaveProperty('currency');
  });

  it('is what was chosen, by voice as by form', async () => {
    storeCountry('CH');
    storeCurrency('GBP');
    const { search, places } = await told();
    expect([search.country, search.currency, places.country]).toEqual(['CH', 'GBP', 'CH']);
    expect(call()).toMatchObject({ country: 'CH', currency: 'GBP' });
    expect(traveller('en').country).toBe('CH');
  });
});

describe('the currency of a search', () => {
  it.each([
    ['of nobody yet', { currency: null, max_price: null }, '', null],
    ['of a link', { currency: 'GBP', max_price: null }, '', 'GBP'],
    ['of a link to somebody who has chosen', { currency: 'GBP', max_price: null }, 'CHF', 'CHF'],
    ['of a link that has a limit in it', { currency: 'GBP', max_price: '200' }, 'CHF', 'GBP'],
    ['of a new one', { currency: null, max_price: null }, 'CHF', 'CHF'],
  ])('%s', (_, asked, chosen, currency) => {
    expect(currencyOf(asked, chosen)).toBe(currency);
  });
});
