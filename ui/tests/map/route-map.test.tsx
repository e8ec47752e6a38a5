import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import type { Offer } from '@/api/schemas.ts';
import { RouteMap } from '@/features/map/RouteMap.tsx';
import { resultsMessage } from '../fixtures.ts';

const { offers } = resultsMessage().result;
const stopping = offers.find(({ slices }) => slices.some(({ segments }) => segments.length > 1)) as Offer;

afterEach(() => vi.unstubAllGlobals());

function serve(known: (code: string) => boolean): void {
  vi.stubGlobal(
    'fetch',
    vi.fn(async (path: string) => {
      const codes = new URL(path, 'http://x').searchParams.getAll('code').filter(known);
      const airports = codes.map((code, index) => ({ code, latitude: 40 + index, longitude: 10 * index }));
      return new Response(JSON.stringify({ airports }));
    }),
  );
}

it('draws every flight, says each in words, and asks for nothing before it is opened', async () => {
  serve(() => true);
  render(<RouteMap offer={stopping} locale="en-GB" />);
  expect(fetch).not.toHaveBeenCalled();
  await userEvent.click(screen.getByText('Route on the map'));
  const map = await screen.findByRole('img', { name: 'Route on the map' });
  const flown = stopping.slices.flatMap(({ segments }) => segments);
  expect(map.querySelectorAll('polyline')).toHaveLength(flown.length);
  const words = document.getElementById(map.getAttribute('aria-describedby') ?? '');
  expect(words?.children).toHaveLength(flown.length);
  expect(words?.textContent).toMatch(new RegExp(`${flown[0]?.origin.city} \\(${flown[0]?.origin.code}\\) to .* km`));
});

it('says so where nobody knows the airports', async () => {
  serve(() => false);
  render(<RouteMap offer={stopping} locale="en-GB" />);
  await userEvent.click(screen.getByText('Route on the map'));
  expect(await screen.findByText('We do not know where these airports are.')).toBeTruthy();
});
