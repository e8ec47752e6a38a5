import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  assistantOf,
  failure,
  holdOf,
  microphoneOf,
  pipelineOf,
  resultsOf,
  stageOf,
  statusOf,
} from '@/features/conversation/selectors.ts';
import { type Action, initialState, reduce, type State } from '@/features/conversation/state.ts';
import { Call } from '@/features/voice/call.ts';
import { createRoom } from '@/features/voice/room.ts';
import { createStore, type Store } from '@/lib/store.ts';
import results from '../fixtures/results.json' with { type: 'json' };
import started from '../fixtures/session_started.json' with { type: 'json' };
import status from '../fixtures/session_status.json' with { type: 'json' };
import { resultsMessage } from '../fixtures.ts';
import { FakeRoom } from './fake-room.ts';
import { type Answers, stubApi } from './stub-api.ts';

let room: FakeRoom;
let store: Store<State, Action>;
let call: Call;
let api: Answers;

beforeEach(() => {
  room = new FakeRoom();
  store = createStore(reduce, initialState);
  call = new Call(store, room.asRoom());
  api = stubApi();
});

afterEach(async () => {
  await call.end();
  vi.unstubAllGlobals();
});

const start = (): Promise<void> => call.start({ language: 'auto', locale: 'en-GB', storeTurns: false });
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const domError = (name: string): Error => Object.assign(new Error(name), { name });

it('the real room keeps the words that are spoken before the agent listens', () => {
  expect(createRoom().options.publishDefaults?.preConnectBuffer).toBe(true);
});

describe('starting', () => {
  it('joins with the microphone on', async () => {
    await start();
    expect(store.state().call).toMatchObject({ phase: 'live', microphone: { is: 'on' } });
    expect(pipelineOf(store.state())).toBe('realtime');
    const body = JSON.parse(String(vi.mocked(fetch).mock.calls[0]?.[1]?.body));
    expect(body).toMatchObject({ language: 'auto', locale: 'en-GB', consent: { store_turns: false } });
    expect(body.time_zone).toMatch(/\w/);
  });

  it.each([
    ['NotAllowedError', 'denied'],
    ['NotFoundError', 'missing'],
    ['NotReadableError', 'failed'],
  ])('goes on without a microphone: %s', async (name, microphone) => {
    room.microphoneError = domError(name);
    await start();
    await settled();
    expect(store.state().call).toMatchObject({ phase: 'live', microphone: { is: microphone } });
  });

  it('closes the microphone when the session turns out to be without a voice', async () => {
    api['POST /v1/sessions'] = { code: 201, body: { ...started, pipeline: 'text' } };
    await start();
    await settled();
    expect(room.microphone).toBeNull();
  });

  it('asks for no microphone and no voice when everything is to be typed', async () => {
    await call.start({ language: 'auto', locale: 'en-GB', storeTurns: false, typing: true });
    await settled();
    expect([room.microphone, microphoneOf(store.state()).is]).toEqual([null, 'off']);
    const body = JSON.parse(String(vi.mocked(fetch).mock.calls[0]?.[1]?.body));
    expect(body.pipeline).toBe('text');
  });

  it('keeps what is said from the tap on, while the session is still asked for', async () => {
    let answer = (): void => undefined;
    vi.mocked(fetch).mockImplementationOnce(
      () =>
        new Promise((resolve) => {
          answer = () => resolve(new Response(JSON.stringify(started), { status: 201 }));
        }),
    );
    const starting = start();
    await settled();
    expect([room.buffering, room.microphone, room.state]).toEqual([true, true, 'disconnected']);
    answer();
    await starting;
  });

  it('closes a microphone that is allowed only after the call is over', async () => {
    let allow = (): void => undefined;
    room.permission = new Promise((resolve) => {
      allow = resolve;
    });
    await start();
    await call.end();
    allow();
    await settled();
    expect([room.microphone, microphoneOf(store.state()).is]).toEqual([null, 'off']);
  });

  it('closes the microphone with the call, and when the call could not start', async () => {
    await start();
    await settled();
    expect(room.microphone).toBe(true);
    await call.end();
    expect(room.microphone).toBeNull();
    room = new FakeRoom();
    call = new Call(store, room.asRoom());
    api['POST /v1/sessions'] = { code: 503, body: null };
    await start();
    await settled();
    expect([room.microphone, microphoneOf(store.state()).is]).toEqual([null, 'off']);
  });

  it.each([
    [500, 'session'],
    [429, 'busy'],
    [422, 'rejected'],
  ])('says so when the API answers %i', async (code, trouble) => {
    api['POST /v1/sessions'] = { code, body: { type: '/problems/x', title: 'x', status: code } };
    await start();
    expect(store.state().call).toMatchObject({ phase: 'refused', reason: trouble });
  });

  it('says so when the media server cannot be reached, without its words', async () => {
    room.connectError = new Error('invalid token: eyJhbGciOiJIUzI1NiJ9.secret');
    await start();
    expect(store.state().call).toMatchObject({ phase: 'refused', reason: 'media' });
    expect(JSON.stringify(store.state())).not.toContain('eyJ');
  });
});

describe('talking', () => {
  beforeEach(async () => {
    await start();
    room.agent('listening');
  });

  it('shows both sides as they speak', async () => {
    const segment = (final: boolean) => ({ 'lk.segment_id': 'S1', 'lk.transcription_final': String(final) });
    await room.stream('lk.transcription', ['Find me'], segment(false), 'me');
    expect(store.state().entries).toMatchObject([{ side: 'user', text: 'Find me', final: false }]);
    await room.stream('lk.transcription', ['Find me a flight'], segment(true), 'me');
    await room.stream('lk.transcription', ['One ', 'moment.'], { 'lk.segment_id': 'S2' });
    expect(store.state().entries).toMatchObject([
      { side: 'user', text: 'Find me a flight', final: true },
      { side: 'assistant', text: 'One moment.', final: true, language: 'en' },
    ]);
  });

  it('a held microphone sends silence until it is held, and is nobody’s fault', () => {
    const { sound } = room.localParticipant;
    call.hold('closed');
    expect([sound.enabled, statusOf(store.state())]).toEqual([false, 'hold']);
    room.emit('localAudioSilenceDetected');
    expect(microphoneOf(store.state())).toEqual({ is: 'held', pressed: false });
    call.hold('open');
    expect([sound.enabled, statusOf(store.state())]).toEqual([true, 'listening']);
    call.hold(null);
    expect([sound.enabled, holdOf(store.state())]).toEqual([true, null]);
  });

  it('a file goes to the agent alone, and is said to be undelivered where nobody is there', async () => {
    const ticket = new File(['x'], 'ticket.png', { type: 'image/png' });
    await call.sendFile(ticket, 'Sent: ticket.png');
    expect(room.localParticipant.files).toEqual([{ name: 'ticket.png', topic: 'polyglot.file', to: ['agent-1'] }]);
    expect(store.state().entries.at(-1)).toMatchObject({ text: 'Sent: ticket.png', delivery: 'sent', side: 'user' });
  });

  it('a call that another tab has taken over ends, and says so', async () => {
    await call.moved();
    expect(failure(store.state())?.kind).toBe('elsewhere');
    expect(stageOf(store.state())).toBe('ended');
  });

  it('tells its session of flights that were found by form, and of the one that was touched', async () => {
    const asked = vi.fn(async (_path: string, _init: RequestInit) => new Response('{}', { status: 200 }));
    vi.stubGlobal('fetch', asked);
    const { result } = resultsMessage();
    store.dispatch({ type: 'found', result, language: 'en' });
    await call.shown(result.search_id);
    await call.select(2);
    const bodies = asked.mock.calls
      .filter(([path]) => path.endsWith('/screen'))
      .map(([, init]) => JSON.parse(String(init.body)));
    expect(bodies).toEqual([
      { action: 'show', search_id: result.search_id, by: 'form', country: 'auto' },
      { action: 'select', offer_id: result.offers[1]?.id, by: 'touch' },
    ]);
  });

  it('brings what the page shows from a call before, once, when somebody is there to learn of it', async () => {
    await call.end();
    const { result } = resultsMessage();
    room = new FakeRoom();
    store = createStore(reduce, initialState);
    store.dispatch({ type: 'found', result, language: 'en' });
    call = new Call(store, room.asRoom());
    await start();
    const told = (): unknown[] =>
      vi
        .mocked(fetch)
        .mock.calls.filter(([path]) => String(path).endsWith('/screen'))
        .map(([, init]) => JSON.parse(String(init?.body)));
    expect(told()).toEqual([]);
    room.agent('listening');
    room.agent('speaking');
    expect(told()).toEqual([{ action: 'show', search_id: result.search_id, by: 'form', country: 'auto' }]);
  });

  it('shows results from the agent only, and only when they are right', async () => {
    await room.stream('polyglot.results', [JSON.stringify(results)], {}, 'somebody');
    await room.stream('polyglot.results', ['{"version":1,']);
    expect(resultsOf(store.state())).toBeNull();
    await room.stream('polyglot.results', [JSON.stringify(results)]);
    expect(resultsOf(store.state())?.result.offers).toHaveLength(4);
  });

  it('tells the agent which cards are shown', async () => {
    await room.stream('polyglot.results', [JSON.stringify(results)]);
    const shown = await room.ask('ui.show', { search_id: 's_fixture01', selected: 3 });
    expect(JSON.parse(shown)).toEqual({ search_id: 's_fixture01', shown: [1, 2, 3, 4] });
    expect(resultsOf(store.state())?.selected).toBe(3);
    expect(JSON.parse(await room.ask('ui.show', { search_id: 'other' })).shown).toEqual([]);
    expect(JSON.parse(await room.ask('ui.show', { search_id: 's_fixture01' }, 'somebody')).shown).toEqual([]);
  });

  it('waits for cards that the question has overtaken', async () => {
    const shown = room.ask('ui.show', { search_id: 's_fixture01' });
    await room.stream('polyglot.results', [JSON.stringify(results)]);
    expect(JSON.parse(await shown).shown).toEqual([1, 2, 3, 4]);
  });

  it('sends typed words to the chat', async () => {
    await call.send('to Rome');
    expect(room.sent).toEqual([{ text: 'to Rome', topic: 'lk.chat' }]);
    expect(store.state().entries).toMatchObject([{ text: 'to Rome', typed: true, delivery: 'sent' }]);
  });

  it('selects a card on the screen and at the agent', async () => {
    await room.stream('polyglot.results', [JSON.stringify(results)]);
    await call.select(1);
    expect(resultsOf(store.state())?.selected).toBe(1);
    expect(room.calls.map(({ method, payload }) => [method, JSON.parse(payload)])).toEqual([
      ['polyglot.select', { search_id: 's_fixture01', number: 1 }],
    ]);
  });

  it('does not tell the agent of cards that it did not find', async () => {
    const { resultsMessage } = await import('../fixtures.ts');
    store.dispatch({ type: 'found', result: resultsMessage().result, language: 'en' });
    await call.select(1);
    expect([resultsOf(store.state())?.selected, room.calls]).toEqual([1, []]);
  });

  it('switches the language as the agent confirms it', async () => {
    room.rpc = async () => '{"language":"pt"}';
    await call.setLanguage('pt-BR');
    expect(store.state().language).toBe('pt');
  });

  it('mutes and unmutes', async () => {
    await call.setMuted(true);
    expect([room.microphone, microphoneOf(store.state()).is]).toEqual([false, 'muted']);
    await call.setMuted(false);
    expect([room.microphone, microphoneOf(store.state()).is]).toEqual([true, 'on']);
  });
});

describe('stopping', () => {
  beforeEach(async () => {
    await start();
    room.agent('speaking');
  });

  it('is silent at once, even when the agent never answers', async () => {
    room.rpc = () => new Promise(() => undefined);
    void call.stop();
    expect(assistantOf(store.state())?.voice.is).toBe('stopping');
    expect(room.calls).toMatchObject([{ method: 'polyglot.stop', payload: '', destinationIdentity: 'agent-1' }]);
  });

  it('stays silent until the next turn', async () => {
    await call.stop();
    room.agent('listening');
    room.agent('thinking');
    expect(assistantOf(store.state())?.voice.is).toBe('silenced');
    room.agent('speaking');
    expect(assistantOf(store.state())?.voice.is).toBe('heard');
  });

  it('survives an agent that refuses', async () => {
    room.rpc = () => Promise.reject(new Error('1501'));
    await expect(call.stop()).resolves.toBeUndefined();
  });
});

describe('an agent that is late, lost or never comes', () => {
  it('keeps typed words until it is there', async () => {
    await start();
    await call.send('hello');
    expect([room.sent, store.state().entries[0]?.delivery]).toEqual([[], 'queued']);
    room.agent(null);
    expect(room.sent).toEqual([]);
    room.agent('listening');
    expect([room.sent.length, store.state().entries[0]?.delivery]).toEqual([1, 'sent']);
  });

  it('shows the verdict of the API, and asks for another agent in the same room', async () => {
    api['GET /v1/sessions/sess_12345678'] = { code: 200, body: status };
    await start();
    await vi.waitFor(() => expect(failure(store.state())?.kind).toBe('agent'), { timeout: 20_000 });
    expect(await call.retry()).toBe(true);
    expect(failure(store.state())).toBeNull();
  });

  it('cannot be retried when the room is gone', async () => {
    await start();
    room.state = 'disconnected';
    expect(await call.retry()).toBe(false);
  });

  it('is not ready any more when it has left', async () => {
    await start();
    room.agent('listening');
    room.agentLeaves();
    expect(store.state().call).toMatchObject({ assistant: { is: 'gone' } });
  });

  it('the newest answers where an old one lingers', async () => {
    await start();
    room.agent('listening');
    room.remoteParticipants.set('agent-2', {
      identity: 'agent-2',
      kind: 4,
      attributes: { 'lk.agent.state': 'thinking' },
      joinedAt: new Date(5000),
    });
    room.emit('participantConnected');
    expect(assistantOf(store.state())?.is).toBe('thinking');
  });
});

it('what an operator who has joined writes is shown as theirs, and nobody else’s', async () => {
  await start();
  await room.stream('lk.chat', ['Your code is ', 'ABC 123'], {}, 'operator-x1');
  await room.stream('lk.chat', ['not for us'], {}, 'somebody');
  expect(store.state().entries).toMatchObject([
    { side: 'operator', text: 'Your code is ABC 123', final: true, interrupted: false, language: '' },
  ]);
});
