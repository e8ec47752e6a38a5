import { describe, expect, it } from 'vitest';
import type { Offer } from '@/api/schemas.ts';
import { resultsOf } from '@/features/conversation/selectors.ts';
import { initialState, reduce } from '@/features/conversation/state.ts';
import { airportsOf, carriersOf, labelsOf, limitsOf } from '@/features/flights/facets.ts';
import { changes, direction, emissionsAgainst } from '@/features/flights/itinerary.ts';
import { ALL, applyView } from '@/features/flights/view.ts';
import { onwards, STATES } from '@/gallery/states.ts';
import { resultsMessage } from '../fixtures.ts';

const { result } = resultsMessage();
const { offers } = result;
const airlines = (chosen: readonly Offer[]): string[] => chosen.map((offer) => offer.carrier.code);
const first = offers[0] as Offer;

describe('a view', () => {
  it('sorts by price, duration or departure', () => {
    expect(airlines(applyView(offers, ALL))).toEqual(['IB', 'VY', 'LH', 'BA']);
    expect(airlines(applyView(offers, { ...ALL, sort_by: 'duration' }))).toEqual(['IB', 'LH', 'VY', 'BA']);
    expect(airlines(applyView([...offers].reverse(), { ...ALL, sort_by: 'departure' }))).toEqual([
      'IB',
      'VY',
      'LH',
      'BA',
    ]);
  });

  it('filters by stops, airline and price', () => {
    expect(airlines(applyView(offers, { ...ALL, max_stops: 0 }))).toEqual(['IB']);
    expect(airlines(applyView(offers, { ...ALL, carrier: 'LH' }))).toEqual(['LH']);
    expect(airlines(applyView(offers, { ...ALL, max_price: '104' }))).toEqual(['IB', 'VY']);
  });

  it('filters by time of departure, airport and bags', () => {
    const clock = (offer: Offer): string => offer.slices[0]?.segments[0]?.departs_at.slice(11, 16) ?? '';
    const [early, late] = [...offers].map(clock).sort();
    expect(applyView(offers, { ...ALL, depart_until: early ?? null }).map(clock)).toEqual([early]);
    expect(
      applyView(offers, { ...ALL, depart_from: late ?? null }).every((offer) => clock(offer) >= (late ?? '')),
    ).toBe(true);
    expect(applyView(offers, { ...ALL, airport: 'MAD' })).toHaveLength(4);
    expect(applyView(offers, { ...ALL, airport: 'ORY' })).toEqual([]);
    const packed = offers.map((offer, index) => ({
      ...offer,
      bags: { carry_on: 1, checked: [null, 0, 1, 2][index] ?? null },
    }));
    expect(applyView(packed, { ...ALL, checked_bag: true })).toHaveLength(2);
  });

  it('offers the airports of cities that have several, and prices that leave some', () => {
    expect(airportsOf(offers)).toEqual([]);
    const elsewhere = structuredClone(first);
    const end = elsewhere.slices[0]?.segments.at(-1);
    if (end) end.destination = { ...end.destination, code: 'SXF', name: 'Schönefeld' };
    expect(airportsOf([first, elsewhere]).map(({ code }) => code)).toEqual(['BER', 'SXF']);
    expect(limitsOf(offers).map(Number)).toEqual(
      limitsOf(offers)
        .map(Number)
        .sort((a, b) => a - b),
    );
    for (const limit of limitsOf(offers)) {
      expect(applyView(offers, { ...ALL, max_price: limit }).length).toBeGreaterThan(0);
    }
    expect(limitsOf(offers.slice(0, 3))).toEqual([]);
  });

  it('chooses again from all that was found, also after the call', () => {
    const found = reduce(initialState, { type: 'found', result, language: 'en' });
    const nonstop = reduce(found, { type: 'view', view: { ...ALL, max_stops: 0 } });
    expect(airlines(resultsOf(nonstop)?.result.offers ?? [])).toEqual(['IB']);
    expect(resultsOf(reduce(nonstop, { type: 'view', view: ALL }))?.result.offers).toHaveLength(4);
  });

  it('remembers the airlines that another view of the same search has hidden', () => {
    const all = onwards(STATES.listening, { type: 'results', message: resultsMessage() });
    const narrow = resultsMessage({ result: { ...result, offers: [first] } });
    const next = onwards(all, { type: 'results', message: narrow });
    expect(carriersOf(resultsOf(next)?.all ?? []).map(({ code }) => code)).toEqual(['BA', 'IB', 'LH', 'VY']);
    const other = resultsMessage({ result: { ...result, search_id: 's_another1', offers: [first] } });
    const both = onwards(next, { type: 'results', message: other });
    expect(resultsOf(both)?.all).toHaveLength(1);
    // The search before is kept with what was chosen from it, and comes back as it was.
    const again = reduce(both, { type: 'show', searchId: result.search_id });
    expect([resultsOf(again)?.all.length, resultsOf(again)?.result.offers.length]).toEqual([4, 1]);
    expect(reduce(both, { type: 'show', searchId: 's_unknown' })).toEqual(both);
  });
});

describe('labels', () => {
  it('name the cheapest, the fastest, and the best where it is neither', () => {
    expect([...labelsOf(offers)]).toEqual([['sample-1', 'best']]);
    const slow = { ...first, slices: first.slices.map((slice) => ({ ...slice, duration_minutes: 1200 })) };
    expect([...labelsOf([slow, ...offers.slice(1)]).values()].sort()).toEqual(['best', 'cheapest', 'fastest']);
  });

  it('say nothing where there is hardly a choice', () => {
    expect(labelsOf(offers.slice(0, 2)).size).toBe(0);
  });
});

describe('an itinerary', () => {
  const slice = offers[1]?.slices[0];
  if (!slice) throw new Error('the second offer changes');

  it('tells where and how long one waits, and a change of airport', () => {
    expect(changes(slice)).toMatchObject([
      { city: 'Barcelona', at: { code: 'BCN' }, minutes: 95, airports: null, overnight: false },
    ]);
    const [a, b] = slice.segments;
    if (!a || !b) throw new Error('it has two segments');
    const moved = { ...slice, segments: [a, { ...b, origin: { ...b.origin, code: 'GRO' } }] };
    expect(changes(moved)[0]?.airports).toEqual(['BCN', 'GRO']);
  });

  it.each([
    ['22:15', '2026-11-22', '06:55', '2026-11-23', true],
    ['00:30', '2026-11-23', '07:00', '2026-11-23', true],
    ['23:50', '2026-11-22', '00:40', '2026-11-23', false],
    ['03:10', '2026-11-23', '09:00', '2026-11-23', false],
    ['08:00', '2026-11-22', '20:00', '2026-11-22', false],
    ['08:00', '2026-11-22', '07:00', '2026-11-24', true],
  ])('a wait from %s (%s) to %s (%s) takes up a night: %s', (from, day, until, next, overnight) => {
    const [a, b] = slice.segments;
    if (!a || !b) throw new Error('it has two segments');
    // By the clock at the airport, wherever that is.
    for (const zone of ['+01:00', '-08:00', '+12:00']) {
      const waits = [
        { ...a, arrives_at: `${day}T${from}:00${zone}` },
        { ...b, departs_at: `${next}T${until}:00${zone}` },
      ];
      expect(changes({ ...slice, segments: waits })[0]?.overnight, zone).toBe(overnight);
    }
  });

  it('tells how its emissions stand against what is typical, and nothing where one of them is not known', () => {
    const against = (emissions_kg: number | null, typical_emissions_kg: number | null) =>
      emissionsAgainst({ ...first, emissions_kg, typical_emissions_kg });
    expect([against(142, 158), against(171, 158), against(158, 158)]).toEqual([-0.1, 0.08, 0]);
    expect([against(null, 158), against(142, null), against(142, 0), against(null, null)]).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it('tells the way out from the way back, and both from a journey of legs', () => {
    const there = first.slices[0];
    if (!there) throw new Error('it flies');
    const back = {
      ...there,
      segments: there.segments.map((s) => ({ ...s, origin: s.destination, destination: s.origin })),
    };
    const returning = { ...first, slices: [there, back] };
    expect([direction(returning, 0), direction(returning, 1), direction(first, 0)]).toEqual([
      'outbound',
      'return',
      null,
    ]);
    expect(direction({ ...first, slices: [there, there] }, 1)).toBe('leg');
  });
});
