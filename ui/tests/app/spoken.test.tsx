/** What somebody who listens to the page is told, through a whole call. */
import { act, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { App } from '@/app/App.tsx';
import type { Action, State } from '@/features/conversation/state.ts';
import type { Store } from '@/lib/store.ts';
import { noticeMessage, resultsMessage } from '../fixtures.ts';
import { listen } from '../spoken.ts';
import { FakeRoom } from '../voice/fake-room.ts';
import { stubApi } from '../voice/stub-api.ts';

const made = vi.hoisted(() => ({ room: null as unknown }));
vi.mock('@/features/voice/index.ts', async () => {
  const { Call } = await import('@/features/voice/call.ts');
  const nothing = (): null => null;
  return {
    Call: class extends Call {
      constructor(store: Store<State, Action>) {
        super(store, (made.room as FakeRoom).asRoom());
      }
    },
    ...{ AgentAudio: nothing, VoiceLevel: nothing, Devices: nothing, People: nothing, SecondScreen: nothing },
    shareScreen: nothing,
  };
});

let room: FakeRoom;
let ears: ReturnType<typeof listen>;

beforeEach(() => {
  room = new FakeRoom();
  made.room = room;
  stubApi();
  vi.stubGlobal('navigator', { ...navigator, mediaDevices: {}, languages: ['en'], onLine: true });
  Element.prototype.scrollIntoView = () => undefined;
});
afterEach(() => {
  ears.stop();
  localStorage.clear();
  sessionStorage.clear();
  vi.unstubAllGlobals();
});

const settled = (): Promise<void> => act(async () => new Promise<void>((resolve) => setTimeout(resolve, 20)));
/** What is said after something has happened. */
async function upon(happens: () => unknown): Promise<string[]> {
  await act(async () => void (await happens()));
  await settled();
  return ears.heard();
}
const speech = (chunks: string[], id: string, from = 'agent-1', final = true) =>
  room.stream('lk.transcription', chunks, { 'lk.segment_id': id, 'lk.transcription_final': String(final) }, from);
const press = (name: string | RegExp) => fireEvent.click(screen.getByRole('button', { name }));
const found = (change: Parameters<typeof resultsMessage>[0] = {}) =>
  room.stream('polyglot.results', [JSON.stringify(resultsMessage(change))]);
const notice = (change: Parameters<typeof noticeMessage>[0]) =>
  room.stream('polyglot.notice', [JSON.stringify(noticeMessage(change))]);

async function begin(): Promise<string[]> {
  render(<App />);
  ears = listen();
  const told = await upon(() => press('Start talking'));
  await vi.waitFor(() => expect(screen.getByRole('button', { name: 'End' })).toBeTruthy(), { timeout: 20_000 });
  return [...told, ...(await upon(() => undefined))];
}
describe('of a call that is spoken', () => {
  it('each news is said once, and nothing that is heard anyway', async () => {
    // How much of the beginning there is to tell depends on how soon the room's part has come.
    expect((await begin()).filter((text) => text !== 'Connecting…')).toEqual(['Calling the assistant…']);
    expect(await upon(() => room.agent('listening'))).toEqual(['Listening']);
    // A question, in pieces, and its answer by voice.
    expect(await upon(() => speech(['Find me'], 'u1', 'me', false))).toEqual([]);
    expect(await upon(() => speech(['Find me a flight to Berlin'], 'u1', 'me'))).toEqual([]);
    expect(await upon(() => room.agent('thinking'))).toEqual([]);
    expect(await upon(() => notice({ kind: 'searching' }))).toEqual(['Searching flights…']);
    const offers = resultsMessage().result.offers;
    const shown = `${offers.length} of ${resultsMessage().total_offers} flights`;
    expect(await upon(() => found({ selected: null }))).toEqual([shown]);
    expect(await upon(() => room.agent('speaking'))).toEqual([]);
    expect(await upon(() => speech(['I found ', 'some ', 'flights.'], 'a1'))).toEqual([]);
    expect(await upon(() => room.agent('listening'))).toEqual([]);
    // One more wish that as many flights fit, then a choice.
    const narrower = { ...resultsMessage().view, carrier: 'IB' };
    expect(await upon(() => found({ view: narrower, selected: null }))).toEqual([shown]);
    expect(await upon(() => found({ view: narrower, selected: 2 }))).toEqual([]);
  });

  it('a refusal, a stop, a break of the connection and the end are said', async () => {
    await begin();
    await upon(() => room.agent('listening'));
    await upon(() => notice({ kind: 'searching' }));
    const refused = noticeMessage({
      kind: 'search_failed',
      language: 'es',
      text: 'No he encontrado vuelos.',
      action: null,
    });
    const told = await upon(() => notice(refused));
    expect(told).toEqual(['[es] No he encontrado vuelos. Dismiss']);
    await upon(() => room.agent('speaking'));
    await upon(() => speech(['I can look ', 'for another'], 'a1'));
    expect(await upon(() => press('Stop'))).toEqual(['Stopped']);
    await upon(() => room.agent('listening'));
    expect(await upon(() => room.emit('reconnecting'))).toEqual(['The connection was interrupted. Reconnecting…']);
    await upon(() => room.emit('reconnected'));
    expect(await upon(() => press('End'))).toEqual(['The call has ended.']);
  });

  it('a person of the company who writes is read out, in whatever language the words are', async () => {
    await begin();
    await upon(() => room.agent('listening'));
    expect(await upon(() => room.stream('lk.chat', ['Your code ', 'is ABC 123.'], {}, 'operator-x1'))).toEqual([
      'Operator: Your code is ABC 123.',
    ]);
  });

  it('a connection that is lost is said once, with what can be done', async () => {
    await begin();
    await upon(() => room.agent('listening'));
    const told = await upon(() => room.emit('disconnected', 14));
    expect(told).toEqual([
      'Connection lost The connection to the call was lost. What was said and found is still here.',
    ]);
  });
});

it('of a call that is read, the assistant is read out in whole sentences and in its own language', async () => {
  localStorage.setItem('polyglot.captions', 'only');
  await begin();
  await upon(() => room.agent('listening', 'es'));
  expect(await upon(() => speech(['He encontrado ', 'seis ', 'vuelos.'], 'a1'))).toEqual([
    '[es] He encontrado seis vuelos.',
  ]);
  expect(await upon(() => speech(['¿Y mañana?'], 'u2', 'me'))).toEqual([]);
});

it('a page that is opened with nothing says nothing', async () => {
  render(<App />);
  ears = listen();
  expect(await upon(() => undefined)).toEqual([]);
});

describe('the listener itself', () => {
  const hears = async (before: string, change: (root: HTMLElement) => void): Promise<string[]> => {
    const root = document.createElement('div');
    root.innerHTML = before;
    document.body.append(root);
    ears = listen();
    change(root);
    const heard = ears.heard();
    root.remove();
    return heard;
  };

  it('hears a change and not what a region brings along, but for an alert', async () => {
    const put = (html: string) => (root: HTMLElement) => root.insertAdjacentHTML('beforeend', html);
    expect(await hears('', put('<p role="status">New</p>'))).toEqual([]);
    expect(await hears('', put('<p role="alert">New</p>'))).toEqual(['New']);
    const grow = (root: HTMLElement): void => root.querySelector('p')?.append(' two');
    expect(await hears('<p role="status">One</p>', grow)).toEqual(['One two']);
    expect(await hears('<p role="log">One</p>', grow)).toEqual(['two']);
    expect(await hears('<p role="log" aria-live="off">One</p>', grow)).toEqual([]);
  });
});
