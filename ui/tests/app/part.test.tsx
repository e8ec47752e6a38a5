/** A part of the page that cannot be fetched is said to be missing, in its place; the page stays. */
import { render, screen } from '@testing-library/react';
import { Suspense } from 'react';
import { describe, expect, it } from 'vitest';
import { part } from '@/ui/part.tsx';

describe('a part of the page', () => {
  it('is drawn when it is there', async () => {
    const Chart = part(async () => ({ name }: { name: string }) => <p>A chart of {name}</p>);
    render(
      <Suspense>
        <Chart name="Rome" />
      </Suspense>,
    );
    expect(await screen.findByText('A chart of Rome')).toBeDefined();
  });

  it('says that it cannot be fetched, beside what is there, with a way to load the page again', async () => {
    const Gone = part(async () => Promise.reject(new TypeError('Failed to fetch dynamically imported module')));
    render(
      <>
        <h1>Flights</h1>
        <Suspense>
          <Gone />
        </Suspense>
      </>,
    );
    expect(await screen.findByRole('alert')).toHaveProperty(
      'textContent',
      expect.stringContaining('This part of the page could not be loaded'),
    );
    expect(screen.getByRole('button', { name: 'Load the page again' })).toHaveProperty('disabled', false);
    expect(screen.getByRole('heading').textContent).toBe('Flights');
  });
});
