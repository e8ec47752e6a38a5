/** What must be seen at the moment at which it happens. */
import { act, fireEvent, render, renderHook, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useCall } from '@/app/useCall.ts';
import { useRoom } from '@/app/useRoom.ts';
import { CallView } from '@/features/conversation/CallView.tsx';
import type { State } from '@/features/conversation/state.ts';
import { ALL } from '@/features/flights/view.ts';
import { IDLE, onwards, STATES, stateAfter } from '@/gallery/states.ts';
import { LevelMeter } from '@/ui/LevelMeter.tsx';
import { noticeMessage, resultsMessage } from '../fixtures.ts';

const view = (state: State) => (
  <CallView {...IDLE} state={state} meter={<LevelMeter level={0.5} side="assistant" />} searchForm={<form />} />
);
const scrolled: { what: Element; how: unknown }[] = [];

beforeEach(() => {
  scrolled.length = 0;
  Element.prototype.scrollIntoView = function (this: Element, how?: unknown) {
    scrolled.push({ what: this, how });
  };
});
afterEach(() => vi.unstubAllGlobals());

describe('the flight that is talked about', () => {
  it('is brought into view, also when the assistant chose it', () => {
    const { rerender } = render(view(onwards(STATES.results, { type: 'select', number: null })));
    scrolled.length = 0;
    rerender(view(onwards(STATES.results, { type: 'select', number: 4 })));
    const card = screen.getAllByRole('article')[3];
    expect(scrolled).toEqual([{ what: card, how: expect.objectContaining({ block: 'nearest' }) }]);
  });

  it('and so is the head of another search, but not for another view of the same', () => {
    const { rerender } = render(view(STATES.results));
    scrolled.length = 0;
    rerender(view(onwards(STATES.results, { type: 'view', view: { ...ALL, sort_by: 'duration' } })));
    expect(scrolled).toEqual([]);
    rerender(view(STATES['two-searches']));
    expect(scrolled.at(-1)).toMatchObject({ what: expect.any(Element), how: { block: 'start' } });
    expect(scrolled.at(-1)?.what.textContent).toContain('Berlin');
  });
});

it('what was cut off is marked as such, for the eye and for the ear', () => {
  render(view(STATES.interrupted));
  expect(screen.getByText(/^I found 6/).textContent).toBe('I found 6 … (interrupted)');
});

it('without a network it says so, and leaves no empty page', () => {
  const refused = onwards(STATES.offline, { type: 'refused', reason: 'session' });
  render(view(refused));
  expect(screen.getByText('You are offline. Check your network connection.')).toBeTruthy();
  expect(screen.getByRole('heading', { name: 'The call could not start' })).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy();
});

it('a refused search leaves neither skeletons nor dimmed flights', () => {
  const refused = onwards(STATES.searching, { type: 'notice', notice: noticeMessage({ kind: 'search_ended' }) });
  render(view(refused));
  expect(document.querySelector('.skeletons')).toBeNull();
  expect(screen.getByRole('heading', { name: 'Ask for a flight' })).toBeTruthy();
});

it('a search that failed keeps the form within reach', () => {
  render(view(onwards(STATES.results, { type: 'ended', reason: 'lost' })));
  expect(document.querySelectorAll('form').length).toBeGreaterThan(0);
});

it('the newest words stay in sight when flights take room from the transcript', () => {
  let resized = (): void => undefined;
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(told: () => void) {
        resized = told;
      }
      observe = (): void => undefined;
      disconnect = (): void => undefined;
    },
  );
  render(view(STATES.results));
  const log = screen.getByRole('log');
  Object.defineProperties(log, { scrollHeight: { value: 900 }, clientHeight: { value: 100 } });
  resized();
  expect(log.scrollTop).toBe(900);
  // Not for who reads further up.
  log.scrollTop = 0;
  fireEvent.scroll(log);
  resized();
  expect(log.scrollTop).toBe(0);
});

describe('who is heard', () => {
  it('is large before the first flights, and in the dock beside them, once', () => {
    const { rerender } = render(view(STATES.listening));
    expect([...document.querySelectorAll('.meter')].map((one) => one.parentElement?.className)).toEqual(['presence']);
    rerender(view(STATES.results));
    expect([...document.querySelectorAll('.meter')].map((one) => one.parentElement?.className)).toEqual(['status']);
    expect(document.querySelector<HTMLElement>('.meter')?.dataset.side).toBe('assistant');
  });
});

it('the language of the answers is said where it was not chosen', () => {
  render(view(onwards(STATES.results, { type: 'agent-language', language: 'es' })));
  expect(screen.getByLabelText('I will speak').textContent).toContain('Automatic · Español');
});

it('a price that has run out is said to be old', async () => {
  const message = resultsMessage();
  const offers = message.result.offers.map((offer) => ({ ...offer, expires_at: '2020-01-01T00:00:00Z' }));
  render(
    view(onwards(STATES.results, { type: 'results', message: { ...message, result: { ...message.result, offers } } })),
  );
  expect(screen.getByText(/This price is old/)).toBeTruthy();
});

it('a screen that a call needs does not fall asleep, and may when the call is over', async () => {
  const release = vi.fn(async () => undefined);
  const request = vi.fn(async () => ({ release }));
  vi.stubGlobal('navigator', { ...navigator, onLine: true, wakeLock: { request } });
  const live = stateAfter(
    { type: 'started', language: 'auto' },
    { type: 'session', pipeline: 'realtime' },
    { type: 'connected' },
  );
  const { result } = renderHook(() => {
    const handle = useCall(live);
    useRoom(handle, false);
    return handle;
  });
  await vi.waitFor(() => expect(request).toHaveBeenCalledExactlyOnceWith('screen'), { timeout: 20_000 });
  // A tab that was away has lost it.
  act(() => void document.dispatchEvent(new Event('visibilitychange')));
  expect(request).toHaveBeenCalledTimes(2);
  await act(async () => result.current.store.dispatch({ type: 'ended', reason: 'left', call: 1 }));
  expect(release).toHaveBeenCalled();
});
