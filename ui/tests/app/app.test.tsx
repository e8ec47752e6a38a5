import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { App } from '@/app/App.tsx';

afterEach(() => vi.unstubAllGlobals());

it('a service that does not answer ends in words, a retry and a form', async () => {
  vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new TypeError('network')));
  render(<App />);
  await userEvent.click(screen.getByRole('button', { name: 'Start talking' }));
  await waitFor(() => expect(screen.getByText('The call could not start')).toBeTruthy(), { timeout: 5000 });
  expect(screen.getByRole('form', { name: 'Search by form' })).toBeTruthy();
  const asked = vi.mocked(fetch).mock.calls.length;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  await waitFor(() => expect(vi.mocked(fetch).mock.calls.length).toBe(asked + 1));
});

it('keeps the language and the appearance of the page on the device', async () => {
  vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new TypeError('network')));
  render(<App />);
  await userEvent.selectOptions(screen.getByLabelText('Language of the page'), 'de');
  await waitFor(() => expect(screen.getByText('Sagen Sie, wohin Sie fliegen möchten.')).toBeTruthy());
  expect([document.documentElement.lang, localStorage.getItem('polyglot.language')]).toEqual(['de', 'de']);
  await userEvent.click(screen.getByRole('button', { name: /Darstellung/ }));
  expect([document.documentElement.dataset.theme, localStorage.getItem('polyglot.theme')]).toEqual(['light', 'light']);
});
