import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SearchForm } from '@/features/flights/SearchForm.tsx';
import problem from '../fixtures/problem.json' with { type: 'json' };
import results from '../fixtures/results.json' with { type: 'json' };

const found = vi.fn();
const answer = (body: unknown, status: number): void => {
  vi.stubGlobal(
    'fetch',
    vi.fn(async () => new Response(JSON.stringify(body), { status })),
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
  answer(results.result, 200);
  await search();
  expect(found).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ search_id: 's_fixture01' }), 'en');
  const asked = vi.mocked(fetch).mock.calls.map(([path]) => String(path));
  const url = new URL(asked.find((path) => path.startsWith('/v1/flights/search')) ?? '', 'http://localhost');
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    origin: 'Madrid',
    destination: 'Berlin',
    language: 'en',
  });
});

it('says at the field what was wrong', async () => {
  answer(problem, 422);
  await search();
  const from = screen.getByLabelText('From');
  expect(from.getAttribute('aria-invalid')).toBe('true');
  expect(screen.getByText(/do not know this place/).id).toBe(from.getAttribute('aria-describedby'));
  expect(found).not.toHaveBeenCalled();
});

it('says that the search did not work when no field is to blame', async () => {
  answer({ type: '/problems/fares-unavailable', title: 'x', status: 503 }, 503);
  await search();
  expect(screen.getByRole('alert').textContent).toContain('did not work');
});
