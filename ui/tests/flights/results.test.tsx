import { render, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { resultsMessageSchema } from '@/api/schemas.ts';
import type { Results } from '@/features/conversation/searches.ts';
import { ResultsView } from '@/features/flights/ResultsView.tsx';
import fixture from '../fixtures/results.json' with { type: 'json' };

const { result, view } = resultsMessageSchema.parse(fixture);

function show(party: Partial<typeof result.query>) {
  const results: Results = {
    source: 'form',
    call: null,
    turn: null,
    coming: false,
    language: 'en',
    all: result.offers,
    result: { ...result, query: { ...result.query, ...party } },
    view,
    selected: null,
    totalOffers: result.offers.length,
  };
  render(<ResultsView results={results} searching={false} onSelect={vi.fn()} onView={vi.fn()} searchForm={null} />);
}

it.each([{ adults: 2 }, { adults: 1, children: [4] }, { adults: 1, infants: 1 }])(
  'says that a price is for the whole party: %o',
  (party) => {
    show(party);
    expect(screen.getByText(/Prices are for all travellers together/)).toBeTruthy();
  },
);

it('says nothing of a party of one', () => {
  show({ adults: 1, children: [], infants: 0 });
  expect(screen.queryByText(/Prices are for all/)).toBeNull();
});
