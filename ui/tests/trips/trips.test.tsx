import { act, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Offer, searchResultSchema } from '@/api/schemas.ts';
import { CompareView, worded } from '@/features/trips/CompareView.tsx';
import { Compare, HandOff, MyWatches, PriceGraph, WatchPrice } from '@/features/trips/index.ts';
import { firstDay } from '@/features/trips/PriceGraph.tsx';
import { addWatch, watches } from '@/features/trips/watches.ts';
import results from '../fixtures/results.json' with { type: 'json' };

const result = searchResultSchema.parse(results.result);
const offer = result.offers[0] as Offer;
const answers: Record<string, unknown> = {};
let asked: { path: string; init: RequestInit }[] = [];

/** The API as far as a test has given it answers; everything else is not known there. */
beforeEach(() => {
  asked = [];
  for (const key of Object.keys(answers)) delete answers[key];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    asked.push({ path, init });
    const key = `${init.method ?? 'GET'} ${path.split('?')[0]}`;
    if (!(key in answers)) {
      const problem = { type: 'x', title: 'Not found', status: 404, detail: 'There is no such search.' };
      return new Response(JSON.stringify(problem), { status: 404 });
    }
    return answers[key] === null
      ? new Response(null, { status: 204 })
      : new Response(JSON.stringify(answers[key]), { status: 200 });
  });
});
afterEach(() => vi.unstubAllGlobals());

const bodyOf = (index: number): unknown => JSON.parse(String(asked[index]?.init.body));

describe('before an offer is handed over', () => {
  const show = (own: { session_id: string; participant_token: string } | null = null) =>
    render(<HandOff offer={offer} searchId={result.search_id} locale="en" own={own} />);
  const before = offer.total;

  it('a changed price is said with both prices, and only then is there a link', async () => {
    const now = { ...offer, total: { ...before, amount: '999.00' } };
    answers['POST /v1/flights/offers/check'] = {
      outcome: 'changed',
      before,
      offer: now,
      booking_url: 'https://example.com/book',
    };
    show();
    expect(screen.queryByRole('link')).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Check price and book' }));
    expect((await screen.findByText(/has changed from/)).textContent).toMatch(/to .*999/);
    expect(screen.getByRole('link', { name: 'Continue to book' }).getAttribute('href')).toBe(
      'https://example.com/book',
    );
    expect(bodyOf(0)).toEqual({ search_id: result.search_id, offer_id: offer.id, language: 'en' });
  });

  it('one that is gone, and an address that is none of the web, lead nowhere', async () => {
    answers['POST /v1/flights/offers/check'] = { outcome: 'gone', before, offer: null };
    const { unmount } = show();
    await userEvent.click(screen.getByRole('button', { name: 'Check price and book' }));
    expect(await screen.findByText(/no longer sold/)).toBeTruthy();
    unmount();
    answers['POST /v1/flights/offers/check'] = {
      outcome: 'same',
      before,
      offer: { ...offer, deep_link: null },
      booking_url: 'javascript:alert(1)',
    };
    show();
    await userEvent.click(screen.getByRole('button', { name: 'Check price and book' }));
    expect(await screen.findByText(/The price is still/)).toBeTruthy();
    expect(screen.queryByRole('link')).toBeNull();
  });

  it('a search that the service has forgotten is said to be old', async () => {
    show();
    await userEvent.click(screen.getByRole('button', { name: 'Check price and book' }));
    expect(await screen.findByText(/too old/)).toBeTruthy();
  });

  it('a link is made in the name of the call, and shown where it cannot be copied', async () => {
    answers['POST /v1/flights/shares'] = { id: 'x', url: 'https://polyglot.example/?trip=abc', search: results.result };
    vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new Error('no'));
    show({ session_id: 's', participant_token: 'planted' });
    await userEvent.click(screen.getByRole('button', { name: 'Copy a link' }));
    expect(await screen.findByText('https://polyglot.example/?trip=abc')).toBeTruthy();
    expect(screen.queryByText(/^Copied/)).toBeNull();
    expect(new Headers(asked[0]?.init.headers).get('authorization')).toBe('Bearer planted');
  });
});

describe('prices of other days', () => {
  const days = [
    { date: '2026-12-20', price: { amount: '90.00', currency: 'EUR' }, return_date: null },
    { date: '2026-12-21', price: { amount: '40.00', currency: 'EUR' }, return_date: null },
    { date: '2026-12-22', price: null, return_date: null },
  ];

  it('are asked for when they are opened, as bars and as a table, and a day is one tap away', async () => {
    answers['GET /v1/flights/calendar'] = { currency: 'EUR', price_kind: 'live', days, cheapest: '2026-12-21' };
    const onDay = vi.fn();
    render(<PriceGraph query={result.query} locale="en" onDay={onDay} />);
    expect(asked).toEqual([]);
    await userEvent.click(screen.getByText('Prices on other days'));
    const bar = await screen.findByRole('button', { name: /Search .*21.*€40/ });
    expect(screen.getByText(/The cheapest day is .*21.*€40/)).toBeTruthy();
    expect(within(screen.getByRole('table', { hidden: true })).getAllByText(/€|No price/).length).toBe(3);
    await userEvent.click(bar);
    expect(onDay).toHaveBeenCalledWith('2026-12-21', null);
  });

  it('never begin in the past', () => {
    expect(firstDay('2026-12-20', '2026-11-28')).toBe('2026-12-13');
    expect(firstDay('2026-12-01', '2026-11-28')).toBe('2026-11-28');
  });
});

describe('side by side', () => {
  it('what differs is a table, what does not is one sentence, and the unknown is unknown', async () => {
    const two = [offer, { ...offer, id: 'other' }];
    answers['POST /v1/flights/compare'] = {
      offers: two,
      facts: [
        { fact: 'price', values: ['120.00', '90.50'], best: [1] },
        { fact: 'checked_bags', values: [null, '1'], best: [] },
      ],
      same: ['cabin', 'stops'],
    };
    const onClose = vi.fn();
    render(<Compare searchId={result.search_id} offerIds={[offer.id, 'other']} locale="en" onClose={onClose} />);
    const table = await screen.findByRole('table');
    expect(within(table).getByText(/90\.50/).dataset.best).toBe('true');
    expect(within(table).getByText('Not stated')).toBeTruthy();
    expect(screen.getByText('The same for all: Cabin and Stops.')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'End the comparison' }));
    expect(onClose).toHaveBeenCalledOnce();
  });

  it('words each kind of fact', () => {
    const t = ((key: string) => key) as never;
    expect(worded(t, 'duration', '155', 'EUR', 'en')).toBe('2h 35m');
    expect(worded(t, 'stops', '0', 'EUR', 'en')).toBe('card.nonstop');
    expect(worded(t, 'refundable', 'unknown', 'EUR', 'en')).toBe('fact.unknown');
    expect(worded(t, 'departure', '2026-12-20T07:05:00+01:00', 'EUR', 'en-GB')).toMatch(/20 Dec.*7:05/);
    expect(render(<CompareView comparison={{ offers: [], facts: [], same: [] }} locale="en" />)).toBeTruthy();
  });
});

describe('a watched price', () => {
  const alert = {
    id: 'a1',
    query: result.query,
    currency: 'EUR',
    max_price: null,
    email: 'a…@example.com',
    status: 'active',
    last_price: null,
    checked_at: null,
  };

  it('is made with an address, and what manages it stays on the device', async () => {
    answers['POST /v1/alerts'] = { ...alert, status: 'unconfirmed', token: 'secret' };
    render(<WatchPrice result={result} own={null} />);
    await userEvent.click(screen.getByText('Watch this price'));
    await userEvent.type(screen.getByLabelText('Your e-mail address'), 'ann@example.com');
    await userEvent.click(screen.getByRole('button', { name: 'Tell me when it gets cheaper' }));
    expect(await screen.findByText(/sent you a mail/)).toBeTruthy();
    expect(bodyOf(0)).toEqual({ search_id: result.search_id, email: 'ann@example.com', language: 'en' });
    expect(watches()).toEqual([{ id: 'a1', token: 'secret' }]);
    expect(localStorage.getItem('polyglot.watches')).not.toContain('example.com');
  });

  it.each([
    ['email', /No mail can be sent/],
    ['search', /too many price watches/],
  ])('says why it cannot be, where asking again is no use (%s)', async (field, words) => {
    const refusal = {
      type: 'x',
      title: 'x',
      status: 422,
      detail: 'no',
      errors: [{ field, problem: 'no', allowed: null }],
    };
    vi.stubGlobal('fetch', async () => new Response(JSON.stringify(refusal), { status: 422 }));
    render(<WatchPrice result={result} own={null} />);
    await userEvent.click(screen.getByText('Watch this price'));
    await userEvent.type(screen.getByLabelText('Your e-mail address'), 'ann@example.com');
    await userEvent.click(screen.getByRole('button', { name: 'Tell me when it gets cheaper' }));
    expect(await screen.findByText(words)).toBeTruthy();
    expect(screen.queryByText(/try again/)).toBeNull();
  });

  it('takes an amount as the traveller writes it', async () => {
    answers['POST /v1/alerts'] = { ...alert, status: 'unconfirmed', token: 'secret' };
    render(<WatchPrice result={result} own={null} />);
    await userEvent.click(screen.getByText('Watch this price'));
    await userEvent.type(screen.getByLabelText('Your e-mail address'), 'ann@example.com');
    await userEvent.type(screen.getByLabelText(/^At or below/), '80,50');
    await userEvent.click(screen.getByRole('button', { name: 'Tell me when it gets cheaper' }));
    await screen.findByText(/sent you a mail/);
    expect(bodyOf(0)).toMatchObject({ max_price: '80.50' });
  });

  it('is paused and removed from the page; one that is over is forgotten', async () => {
    addWatch({ id: 'a1', token: 'secret' });
    answers['GET /v1/alerts'] = { alerts: [alert] };
    answers['PATCH /v1/alerts/a1'] = { ...alert, status: 'paused' };
    answers['DELETE /v1/alerts/a1'] = null;
    render(<MyWatches />);
    await userEvent.click(screen.getByText('Your price watches'));
    await userEvent.click(await screen.findByRole('button', { name: 'Pause' }));
    expect(JSON.parse(String(asked.find(({ init }) => init.method === 'PATCH')?.init.body))).toEqual({ paused: true });
    answers['GET /v1/alerts'] = { alerts: [] };
    await userEvent.click(await screen.findByRole('button', { name: 'Remove' }));
    expect(await screen.findByText('There are none any more.')).toBeTruthy();
    expect(watches()).toEqual([]);
  });

  it('one that is made is among them at once, and not made again by a second press', async () => {
    answers['POST /v1/alerts'] = { ...alert, token: 'secret' };
    answers['GET /v1/alerts'] = { alerts: [alert] };
    render(
      <>
        <WatchPrice result={result} own={null} />
        <MyWatches />
      </>,
    );
    expect(screen.queryByText('Your price watches')).toBeNull();
    await userEvent.click(screen.getByText('Watch this price'));
    await userEvent.type(screen.getByLabelText('Your e-mail address'), 'ann@example.com');
    await userEvent.dblClick(screen.getByRole('button', { name: 'Tell me when it gets cheaper' }));
    await screen.findByText('The price is being watched.');
    await userEvent.click(screen.getByRole('button', { name: 'Tell me when it gets cheaper' }));
    expect(asked.filter(({ init }) => init.method === 'POST')).toHaveLength(1);
    await userEvent.click(screen.getByText('Your price watches'));
    expect(await screen.findByRole('button', { name: 'Pause' })).toBeTruthy();
  });

  it('one that is made in another tab is among them at once', async () => {
    const { container } = render(<MyWatches />);
    localStorage.setItem('polyglot.watches', JSON.stringify([{ id: 'a1', token: 'secret' }]));
    act(() => void window.dispatchEvent(new StorageEvent('storage', { key: 'polyglot.watches' })));
    expect(container.textContent).toContain('Your price watches');
  });

  it('nothing is shown where there is none', () => {
    expect(render(<MyWatches />).container.textContent).toBe('');
  });
});
