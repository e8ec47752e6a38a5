import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failure, microphoneOf, pipelineOf, resultsOf } from '@/features/conversation/selectors.ts';
import { type Action, initialState, reduce, type State } from '@/features/conversation/state.ts';
import { Call } from '@/features/voice/call.ts';
import { linkTo, ticket } from '@/features/voice/companion.ts';
import { isCompanion } from '@/lib/kept.ts';
import { createStore, type Store } from '@/lib/store.ts';
import started from '../fixtures/session_started.json' with { type: 'json' };
import { resultsMessage } from '../fixtures.ts';
import { FakeRoom } from './fake-room.ts';
import { type Answers, stubApi } from './stub-api.ts';

const PATH = '/v1/sessions/sess_12345678';
const { result, view } = resultsMessage();
let room: FakeRoom;
let store: Store<State, Action>;
let call: Call;
let api: Answers;

beforeEach(() => {
  room = new FakeRoom();
  store = createStore(reduce, initialState);
  call = new Call(store, room.asRoom());
  api = stubApi();
  api[`POST ${PATH}/companions`] = { code: 201, body: { ...started, receipt: null } };
  api[`GET ${PATH}/screen`] = { code: 200, body: { search: result, view, selected: result.offers[1]?.id } };
  location.hash = '#call=sess_12345678.header.payload.signature';
});

afterEach(async () => {
  await call.end();
  sessionStorage.clear();
  location.hash = '';
  vi.unstubAllGlobals();
});

const joined = async (): Promise<void> => {
  await call.join();
  room.agent('listening');
};

it('a link names the call and a token for one more screen, where no server is told of it', async () => {
  const link = await linkTo({ session_id: 'sess_12345678', participant_token: 'mine' });
  expect(link).toBe(`${location.origin}/#call=${started.session_id}.${started.participant_token}`);
  const [, init] = vi.mocked(fetch).mock.calls[0] ?? [];
  expect(init?.headers).toMatchObject({ Authorization: 'Bearer mine' });
});

it('the address is rid of the token at once, and a reload still knows it', () => {
  expect(isCompanion()).toBe(true);
  const own = { session_id: 'sess_12345678', participant_token: 'header.payload.signature' };
  expect(ticket()).toEqual(own);
  expect(location.hash).toBe('');
  expect([isCompanion(), ticket()]).toEqual([true, own]);
});

it.each(['#call=', '#call=sess_12345678', '#call=../../x.token', '#top'])('what is no link is none: %s', (hash) => {
  location.hash = hash;
  expect(ticket()).toBeNull();
});

describe('another screen', () => {
  it('shows what the call shows, with nothing to hear and nothing to speak into', async () => {
    await joined();
    const state = store.state();
    expect([state.call.phase, microphoneOf(state).is, pipelineOf(state)]).toEqual(['live', 'off', 'text']);
    expect(resultsOf(state)).toMatchObject({ source: 'assistant', selected: 2 });
    expect([room.microphone, room.subscribes]).toEqual([null, false]);
  });

  it('touches the same cards', async () => {
    await joined();
    await call.select(1);
    expect(room.calls.at(-1)).toMatchObject({ method: 'polyglot.select', destinationIdentity: 'agent-1' });
  });

  it('reads what is spoken and typed on the first one', async () => {
    await joined();
    const final = { 'lk.transcription_final': 'true', 'lk.segment_id': 'seg-1' };
    await room.stream('lk.transcription', ['to Rome'], final, 'user-first');
    await room.stream('lk.chat', ['tomorrow'], {}, 'user-first');
    expect(store.state().entries.map(({ side, text }) => [side, text])).toEqual([
      ['user', 'to Rome'],
      ['user', 'tomorrow'],
    ]);
  });

  it('ends with the call, which is no fault, and joins nothing after that', async () => {
    await joined();
    room.emit('disconnected', 5);
    expect([store.state().call.phase, failure(store.state())]).toEqual(['ended', null]);
    expect(isCompanion()).toBe(false);
  });

  it('that is loaded again has left by itself, and knows the call still', async () => {
    await joined();
    room.emit('disconnected', 1);
    expect(isCompanion()).toBe(true);
  });

  it('of a call that is over is a page like any other', async () => {
    api[`POST ${PATH}/companions`] = { code: 409, body: null };
    await call.join();
    expect([store.state().call.phase, failure(store.state())]).toEqual(['ended', null]);
    expect(isCompanion()).toBe(false);
  });
});
