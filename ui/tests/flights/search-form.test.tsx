import { fireEvent, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { searchResultSchema } from '@/api/schemas.ts';
import { SearchForm } from '@/features/flights/SearchForm.tsx';
import { storedCurrency } from '@/lib/traveller.ts';
import problem from '../fixtures/problem.json' with { type: 'json' };
import results from '../fixtures/results.json' with { type: 'json' };
import { streamed } from '../stream.ts';

const found = vi.fn();
const answer = (body: unknown, status: number): void => {
  vi.stubGlobal(
    'fetch',
    vi.fn(async () => new Response(typeof body === 'string' ? body : JSON.stringify(body), { status })),
  );
};

beforeEach(() => found.mockClear());
afterEach(() => vi.unstubAllGlobals());

async function search(): Promise<void> {
  render(<SearchForm onFound={found} />);
  await userEvent.type(screen.getByLabelText('From'), 'Madrid');
  await userEvent.type(screen.getByLabelText('To'), 'Berlin');
  await userEvent.click(screen.getByRole('button', { name: 'Search flights' }));
}

it('finds flights without an assistant', async () => {
  answer(streamed(['offers', { ...results.result, complete: false }], ['done', results.result]), 200);
  await search();
  expect(found).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ search_id: 's_fixture01' }), 'en');
  expect(asked()).toMatchObject({ origin: 'Madrid', destination: 'Berlin', return_date: null, language: 'en' });
});

const places = {
  places: [
    { code: 'PAR', name: 'Paris', area: 'France' },
    { code: 'PRX', name: 'Paris', area: 'Texas' },
  ],
};

/** Suggestions for places, and flights. */
function serve(): void {
  vi.stubGlobal(
    'fetch',
    vi.fn(
      async (path: string) =>
        new Response(path.includes('/places') ? JSON.stringify(places) : streamed(['done', results.result])),
    ),
  );
}

const asked = (): Record<string, unknown> => {
  const call = vi.mocked(fetch).mock.calls.find(([path]) => path === '/v1/flights/search/stream');
  return JSON.parse(String(call?.[1]?.body));
};

it('asks for a return, with children by age, infants, cabin, bags, currency and country', async () => {
  serve();
  const user = userEvent.setup();
  render(<SearchForm onFound={found} />);
  await user.type(screen.getByLabelText('From'), 'Madrid');
  await user.type(screen.getByLabelText('To'), 'Berlin');
  await user.click(screen.getByLabelText('Return'));
  fireEvent.change(screen.getByLabelText('Date'), { target: { value: '2030-05-01' } });
  fireEvent.change(screen.getByLabelText('Return', { selector: '[type=date]' }), { target: { value: '2030-05-09' } });
  fireEvent.change(screen.getByLabelText('Adults'), { target: { value: '2' } });
  fireEvent.change(screen.getByLabelText('Children, 2–17'), { target: { value: '2' } });
  await user.selectOptions(screen.getByLabelText('Age of child 2'), '12');
  fireEvent.change(screen.getByLabelText('Infants under 2'), { target: { value: '1' } });
  await user.selectOptions(screen.getByLabelText('Cabin'), 'business');
  await user.selectOptions(screen.getByLabelText('Checked bags'), '1');
  await user.selectOptions(screen.getByLabelText('Currency'), 'CHF');
  await user.selectOptions(screen.getByLabelText('Where you buy'), 'Switzerland');
  await user.click(screen.getByRole('button', { name: 'Search flights' }));
  expect(asked()).toMatchObject({
    departure_date: '2030-05-01',
    return_date: '2030-05-09',
    further: [],
    adults: 2,
    children: [8, 12],
    infants: 1,
    cabin: 'business',
    checked_bags: 1,
    currency: 'CHF',
    country: 'CH',
  });
});

it('asks for several legs, each from where the last one ends', async () => {
  serve();
  const user = userEvent.setup();
  render(<SearchForm onFound={found} />);
  await user.type(screen.getByLabelText('From'), 'Madrid');
  await user.type(screen.getByLabelText('To'), 'Berlin');
  fireEvent.change(screen.getByLabelText('Date'), { target: { value: '2030-05-01' } });
  await user.click(screen.getByLabelText('Several cities'));
  const second = within(screen.getByRole('group', { name: 'Flight 2' }));
  expect(second.getByLabelText<HTMLInputElement>('From').value).toBe('Berlin');
  await user.type(second.getByLabelText('To'), 'Rome');
  // A journey that begins later goes on later.
  fireEvent.change(screen.getAllByLabelText('Date')[0] as HTMLElement, { target: { value: '2030-06-01' } });
  await user.click(screen.getByRole('button', { name: 'Add a flight' }));
  await user.click(screen.getByRole('button', { name: 'Remove flight 3' }));
  await user.click(screen.getByRole('button', { name: 'Search flights' }));
  expect(asked()).toMatchObject({
    origin: 'Madrid',
    destination: 'Berlin',
    return_date: null,
    further: [{ origin: 'Berlin', destination: 'Rome', date: '2030-06-04' }],
  });
});

it('begins with what was said, and keeps what was wished for beside it', async () => {
  serve();
  const { query } = searchResultSchema.parse(results.result);
  render(
    <SearchForm query={{ ...query, children: [5], filters: { ...query.filters, refundable: true } }} onFound={found} />,
  );
  expect(screen.getByLabelText<HTMLInputElement>('From').value).toBe('Madrid');
  expect(screen.getByLabelText<HTMLInputElement>('Age of child 1').value).toBe('5');
  await userEvent.click(screen.getByRole('button', { name: 'Search flights' }));
  expect(asked()).toMatchObject({
    origin: 'Madrid (MAD)',
    destination: 'Berlin (BER)',
    children: [5],
    refundable: true,
    max_stops: 1,
  });
});

it('goes on in the currency on the screen, which is no choice, and takes a limit with it only in that', async () => {
  serve();
  const { query } = searchResultSchema.parse(results.result);
  const limited = { ...query, currency: 'THB', filters: { ...query.filters, max_price: '9000' } };
  render(<SearchForm query={limited} onFound={found} />);
  const currency = screen.getByLabelText<HTMLSelectElement>('Currency');
  expect(currency.value).toBe('THB');
  await userEvent.click(screen.getByRole('button', { name: 'Search flights' }));
  expect(asked()).toMatchObject({ currency: 'THB', max_price: '9000' });
  expect(storedCurrency()).toBe('');
  vi.mocked(fetch).mockClear();
  await userEvent.selectOptions(currency, 'CHF');
  await userEvent.click(screen.getByRole('button', { name: 'Search flights' }));
  expect(asked()).toMatchObject({ currency: 'CHF', max_price: null });
  expect(storedCurrency()).toBe('CHF');
});

it('suggests places as a list that keys go through, and takes the one that was chosen by its code', async () => {
  serve();
  const user = userEvent.setup();
  render(<SearchForm onFound={found} />);
  const from = screen.getByRole('combobox', { name: 'From' });
  await user.type(from, 'Paris');
  const options = await within(await screen.findByRole('listbox')).findAllByRole('option');
  expect(options.map((option) => option.textContent)).toEqual(['Paris, France PAR', 'Paris, Texas PRX']);
  expect(from.getAttribute('aria-expanded')).toBe('true');
  await user.keyboard('{ArrowDown}{ArrowDown}');
  expect(from.getAttribute('aria-activedescendant')).toBe(options[1]?.id);
  expect(options[1]?.getAttribute('aria-selected')).toBe('true');
  await user.keyboard('{Enter}');
  expect([(from as HTMLInputElement).value, from.getAttribute('aria-expanded')]).toEqual(['Paris, Texas', 'false']);
  expect(found).not.toHaveBeenCalled();
  await user.type(screen.getByLabelText('To'), 'Rome');
  await user.click(screen.getByRole('button', { name: 'Search flights' }));
  expect(asked()).toMatchObject({ origin: 'Paris, Texas (PRX)', destination: 'Rome' });
});

it('an Escape that closes the list is nobody else’s', async () => {
  serve();
  const stopped = vi.fn();
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && !event.defaultPrevented) stopped();
  };
  window.addEventListener('keydown', onKey);
  const user = userEvent.setup();
  render(<SearchForm onFound={found} />);
  await user.type(screen.getByLabelText('From'), 'Paris');
  await screen.findByRole('listbox');
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('listbox')).toBeNull();
  expect(stopped).not.toHaveBeenCalled();
  await user.keyboard('{Escape}');
  expect(stopped).toHaveBeenCalledOnce();
  window.removeEventListener('keydown', onKey);
});

it('says at the field what was wrong', async () => {
  answer(problem, 422);
  await search();
  const from = screen.getByLabelText('From');
  expect(from.getAttribute('aria-invalid')).toBe('true');
  expect(screen.getByText(/do not know this place/).id).toBe(from.getAttribute('aria-describedby'));
  expect(found).not.toHaveBeenCalled();
});

it('offers what was perhaps meant, and takes it by its code', async () => {
  const choices = [
    { value: 'SCL', label: 'Santiago, Chile' },
    { value: 'SCQ', label: 'Santiago de Compostela, Spain' },
  ];
  answer({ ...problem, errors: [{ field: 'destination', problem: 'several places', choices }] }, 422);
  await search();
  await userEvent.click(screen.getByRole('button', { name: 'Santiago, Chile' }));
  expect(screen.getByLabelText<HTMLInputElement>('To').value).toBe('Santiago, Chile');
  answer(results.result, 200);
  await userEvent.click(screen.getByRole('button', { name: 'Search flights' }));
  expect(asked()).toMatchObject({ destination: 'Santiago, Chile (SCL)' });
});

it('says that the search did not work when no field is to blame', async () => {
  answer({ type: '/problems/fares-unavailable', title: 'x', status: 503 }, 503);
  await search();
  expect(screen.getByRole('alert').textContent).toContain('did not work');
});
