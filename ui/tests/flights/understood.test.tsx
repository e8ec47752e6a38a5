import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { queryOf } from '@/api/query.ts';
import { searchResultSchema } from '@/api/schemas.ts';
import { Understood } from '@/features/flights/Understood.tsx';
import { countries } from '@/lib/countries.ts';
import results from '../fixtures/results.json' with { type: 'json' };

const result = searchResultSchema.parse(results.result);
const { query } = result;
const wished = {
  ...result,
  query: {
    ...query,
    children: [4],
    max_stops: 0,
    filters: {
      ...query.filters,
      checked_bags: 1,
      refundable: true,
      airlines: ['IB'],
      depart_from: '08:30',
      max_price: '200',
    },
  },
};

function show(shown = wished) {
  const onEdit = vi.fn();
  const onSearch = vi.fn();
  render(<Understood result={shown} locale="en-GB" onEdit={onEdit} onSearch={onSearch} />);
  return { onEdit, onSearch };
}

it('shows what was understood, and opens the form where it is wrong', async () => {
  const { onEdit } = show();
  const list = within(screen.getByRole('list', { name: 'What was understood' }));
  expect(list.getAllByRole('button').map((button) => button.textContent)).toEqual([
    'Change: Sun 22 Nov',
    'Change: 1 adult, 1 child',
    'Change: Economy',
    'NonstopRemove',
    'Checked bag: 1Remove',
    'RefundableRemove',
    'Only IBRemove',
    'Departure from 8:30Remove',
    'Up to €200.00Remove',
  ]);
  await userEvent.click(list.getByRole('button', { name: /1 adult/ }));
  expect(onEdit).toHaveBeenCalledExactlyOnceWith('adults');
});

it('a wish that was misheard is taken away by a tap, and everything else stays', async () => {
  const { onSearch } = show();
  await userEvent.click(screen.getByRole('button', { name: /Departure from 8:30/ }));
  expect(onSearch).toHaveBeenCalledExactlyOnceWith({ ...queryOf(wished.query), depart_from: null });
});

it('offers the other places of a name, for the end that is called so', async () => {
  const { onSearch } = show({ ...wished, namesakes: [{ code: 'BLN', name: 'Berlin', area: 'New Hampshire' }] });
  await userEvent.click(screen.getByRole('button', { name: 'Berlin, New Hampshire' }));
  expect(onSearch).toHaveBeenCalledExactlyOnceWith({ ...queryOf(wished.query), destination: 'Berlin (BLN)' });
});

it('finds the name in a further leg too', async () => {
  const leg = {
    origin: wished.query.destination,
    destination: { code: 'PAR', name: 'Paris', area: 'France' },
    date: '2026-11-25',
  };
  const { onSearch } = show({
    ...wished,
    query: { ...wished.query, further: [leg] },
    namesakes: [{ code: 'PRX', name: 'Paris', area: 'Texas' }],
  });
  await userEvent.click(screen.getByRole('button', { name: 'Paris, Texas' }));
  expect(onSearch.mock.calls[0]?.[0]).toMatchObject({
    destination: 'Berlin (BER)',
    further: [{ origin: 'Berlin (BER)', destination: 'Paris (PRX)' }],
  });
});

it('knows the countries by name, each once, and no group of them', () => {
  const known = countries('de');
  expect(known.find(({ code }) => code === 'CH')?.name).toBe('Schweiz');
  expect(known.length).toBeGreaterThan(200);
  expect(new Set(known.map(({ name }) => name)).size).toBe(known.length);
  expect(known.some(({ code }) => ['EU', 'UN', 'ZZ'].includes(code))).toBe(false);
});
