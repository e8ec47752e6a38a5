import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { anyFlight, queryOf } from '@/api/query.ts';
import { searchResultSchema } from '@/api/schemas.ts';
import { App } from '@/app/App.tsx';
import { addressOf, placeOf } from '@/app/address.ts';
import { personaOf } from '@/app/persona.ts';
import { note, recent } from '@/features/searches/recent.ts';
import results from '../fixtures/results.json' with { type: 'json' };
import { streamed } from '../stream.ts';

const result = searchResultSchema.parse(results.result);
const { query } = result;

beforeEach(() => history.replaceState(null, '', '/'));
afterEach(() => {
  vi.unstubAllGlobals();
  history.replaceState(null, '', '/');
});

/** Answers what is asked, but for the question before every call: whether it may be recorded. */
function stub(asked: (path: string, init: RequestInit) => Promise<Response>, recording = false): void {
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) =>
    path === '/v1/privacy' ? new Response(JSON.stringify({ recording })) : asked(path, init),
  );
}

function serve(answer: unknown, status = 200) {
  const asked = vi.fn(async (path: string, _init?: RequestInit) => {
    const body = path.endsWith('/stream') ? streamed(['done', answer]) : JSON.stringify(answer);
    return new Response(body, { status });
  });
  stub(asked);
  return asked;
}

const bodyOf = (asked: ReturnType<typeof serve>): unknown => JSON.parse(String(asked.mock.calls[0]?.[1]?.body));

it('a search has an address that asks for the same again', () => {
  const whole = {
    ...query,
    adults: 2,
    children: [4, 11],
    infants: 1,
    cabin: 'business' as const,
    max_stops: 0,
    filters: {
      ...query.filters,
      checked_bags: 1,
      refundable: true,
      airlines: ['IB', 'U2'],
      without_airlines: ['FR'],
      depart_from: '06:30',
      depart_until: '12:00',
      arrive_until: '18:00',
      max_price: '450.5',
    },
    further: [{ origin: query.destination, destination: query.origin, date: '2027-01-01' }],
  };
  const [from, to] = [query.origin, query.destination].map(({ code }) => `${code} (${code})`);
  expect(placeOf(addressOf(whole))).toEqual({
    kind: 'search',
    query: {
      ...queryOf(whole),
      origin: from,
      destination: to,
      further: [{ origin: to, destination: from, date: '2027-01-01' }],
    },
  });
  expect(placeOf(addressOf({ ...query, return_date: '2027-01-05' }))).toMatchObject({
    query: { return_date: '2027-01-05', further: [], children: [] },
  });
});

it('an address made by hand asks for what is right in it', () => {
  const search =
    '?origin=MAD&destination=BER&departure_date=2030-01-05&adults=x&child=99999&cabin=sofa&leg=BER.ROM' +
    '&airlines=iberia&depart_from=9&max_price=-1&max_stops=few&refundable=maybe';
  expect(placeOf(search)).toEqual({ kind: 'search', query: anyFlight('MAD (MAD)', 'BER (BER)', '2030-01-05') });
  expect(placeOf('?origin=Kos&destination=COS&departure_date=2030-01-05')).toMatchObject({
    query: { origin: 'Kos', destination: 'COS (COS)' },
  });
});

it.each(['?trip=../../v1/keys', '?trip=short'])('%s is a link that is not whole', (search) => {
  expect(placeOf(search)).toEqual({ kind: 'trip', id: '' });
});

it.each(['', '?origin=MAD'])('%s asks for nothing', (search) => {
  expect(placeOf(search)).toEqual({ kind: 'home' });
});

it('an address with a search begins with its flights, without a call, and the way to begin one', async () => {
  history.replaceState(null, '', `/${addressOf(query)}`);
  const asked = serve(results.result);
  render(<App />);
  expect(await screen.findAllByRole('article')).toHaveLength(result.offers.length);
  expect(bodyOf(asked)).toMatchObject({
    origin: `${query.origin.code} (${query.origin.code})`,
    departure_date: query.departure_date,
  });
  expect(screen.getByRole('button', { name: 'Start talking' })).toBeTruthy();
  expect(screen.queryByText('The call has ended.')).toBeNull();
});

it.each(['abcdefghijklmnopqrst', 'cut-short'])(
  'a link that is over or not whole (%s) says so on the first page',
  async (trip) => {
    history.replaceState(null, '', `/?trip=${trip}`);
    serve({ type: 'x', title: 'Not found', status: 404 }, 404);
    render(<App />);
    expect(await screen.findByText(/This link is over/)).toBeTruthy();
  },
);

it.each([
  ['CHF', 'CHF'],
  ['ZZZ', null],
  ['euros', null],
])('a currency that there is not (%s) does not keep an address from its flights', (currency, asked) => {
  const place = placeOf(`?origin=MAD&destination=BER&departure_date=2030-01-05&currency=${currency}`);
  expect(place).toMatchObject({ kind: 'search', query: { currency: asked } });
});

it('what is found by form stands in the address, and an earlier search is one tap away', async () => {
  note({ ...query, departure_date: '2030-01-05', return_date: null, further: [] }, '2026-11-28');
  const asked = serve(results.result);
  render(<App />);
  await userEvent.click(screen.getByText('Search by form'));
  const chip = await screen.findByRole('button', { name: new RegExp(`${query.origin.name} to .*Jan`) });
  await userEvent.click(chip);
  await screen.findAllByRole('article');
  expect(bodyOf(asked)).toMatchObject({ departure_date: '2030-01-05' });
  await waitFor(() => expect(location.search).toBe(addressOf(query)));
});

it('Back to where nothing had been searched for is the first page again, and Forward the flights, once', async () => {
  serve(results.result);
  history.replaceState(null, '', addressOf(query));
  render(<App />);
  await screen.findAllByRole('article');
  // As a browser goes back and forward: the address first, then the event.
  history.replaceState(null, '', '/');
  fireEvent(window, new PopStateEvent('popstate'));
  expect(await screen.findByText('Say where you want to fly.')).toBeTruthy();
  expect(screen.queryByRole('article')).toBeNull();
  serve({ ...results.result, search_id: 's_fixture02' });
  history.replaceState(null, '', addressOf(query));
  fireEvent(window, new PopStateEvent('popstate'));
  await screen.findAllByRole('article');
  const chips = screen.queryByRole('navigation', { name: 'Earlier searches' });
  expect(chips).toBeNull();
});

it('searches of days that are over are not offered, and none stands there twice', () => {
  const plain = { ...query, further: [] };
  note({ ...plain, departure_date: '2026-12-01' }, '2026-11-28');
  note({ ...plain, departure_date: '2026-12-09' }, '2026-11-28');
  note({ ...plain, departure_date: '2026-12-01' }, '2026-11-28');
  expect(recent('2026-11-28').map((search) => search.query.departure_date)).toEqual(['2026-12-01', '2026-12-09']);
  expect(recent('2026-12-05').map((search) => search.query.departure_date)).toEqual(['2026-12-09']);
});

it('the whole search is kept, and made again as it was', async () => {
  const filters = {
    ...query.filters,
    checked_bags: 1,
    without_airlines: ['FR'],
    depart_from: '08:00',
    refundable: true,
  };
  const whole = {
    ...query,
    departure_date: '2030-01-05',
    adults: 2,
    children: [4],
    cabin: 'business' as const,
    filters,
  };
  note(whole, '2026-11-28');
  const asked = serve(results.result);
  render(<App />);
  await userEvent.click(screen.getByText('Search by form'));
  await userEvent.click(await screen.findByRole('button', { name: / · 3$/ }));
  await screen.findAllByRole('article');
  expect(bodyOf(asked)).toMatchObject(queryOf(whole));
});

it('another assistant is asked for by the address, and shows no flights', async () => {
  history.replaceState(null, '', '/?persona=intake');
  const asked = vi.fn(async (_path: string, _init: RequestInit) => new Response('{}', { status: 503 }));
  stub(asked);
  render(<App />);
  expect(screen.getByText('Talk with our assistant.')).toBeTruthy();
  expect(screen.queryByText('Search by form')).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: /Type instead/ }));
  await waitFor(() => expect(asked).toHaveBeenCalled());
  expect(JSON.parse(String(asked.mock.calls[0]?.[1].body)).persona).toBe('intake');
  expect([personaOf('?persona=../x'), personaOf('?persona=flights')]).toEqual([undefined, 'flights']);
});

it('a recording is agreed to only where one is offered, and only by a tick of its own', async () => {
  const asked = vi.fn(async (_path: string, _init: RequestInit) => new Response('{}', { status: 503 }));
  stub(asked, true);
  render(<App />);
  await userEvent.click(await screen.findByLabelText(/Record the sound/));
  await userEvent.click(screen.getByRole('button', { name: /Type instead/ }));
  await waitFor(() => expect(asked).toHaveBeenCalled());
  const { consent } = JSON.parse(String(asked.mock.calls[0]?.[1].body));
  expect(consent).toMatchObject({ record: true, store_turns: false });
});
