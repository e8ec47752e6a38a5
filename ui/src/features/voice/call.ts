/**
 * One call: a session of our API and the LiveKit room that belongs to it. Everything that happens becomes an action on
 * the conversation's state; everything that the user does is a method here.
 *
 * The library's `useSession` is not used: it asks for another token when a call ends, and it does not send the words
 * that are spoken before the agent is in the room (its publish options never reach the buffer).
 */
import { ConnectionQuality, DisconnectReason, type Room, RoomEvent, Track } from 'livekit-client';
import { dispatchAgain, type OwnSession, startSession } from '@/api/client.ts';
import {
  languageRequestSchema,
  type SessionStarted,
  showRequestSchema,
  stopReplySchema,
  type View,
} from '@/api/schemas.ts';
import { changeScreen } from '@/api/trips.ts';
import { isInRoom, type RefusalReason, type RoomAgent } from '@/features/conversation/phases.ts';
import type { Results } from '@/features/conversation/searches.ts';
import { type holdOf, isReachable, microphoneOf, resultsOf } from '@/features/conversation/selectors.ts';
import type { Action, State, Told } from '@/features/conversation/state.ts';
import { pause } from '@/lib/pause.ts';
import { storedCountry } from '@/lib/traveller.ts';
import { agentFacts, askAgent, findAgent } from './agent.ts';
import { accompany, shownIn, tearUp, ticket } from './companion.ts';
import { TOPIC_FILE } from './files.ts';
import { followMicrophone, microphoneFailure, openMicrophone } from './microphone.ts';
import { RPC_LANGUAGE, RPC_REFINE, RPC_SELECT, RPC_SHOW, RPC_STOP } from './names.ts';
import { Outbox } from './outbox.ts';
import { pulseOf, type Silent, watchPulse } from './pulse.ts';
import { createRoom } from './room.ts';
import { bodyOf, type CallOptions } from './session.ts';
import { followRoom } from './share.ts';
import { parseMessage, receiveStreams } from './streams.ts';
import { troubleOf } from './trouble.ts';
import { watchSession } from './watch.ts';

type Outlet = { dispatch: (action: Action) => void; state: () => State };

/** How long the page says that it has stopped before it says that it listens again. */
const STOP_TOLD_MS = 2_000;
/** The cards of a search and the question whether they are shown travel apart, and may overtake each other. */
const SHOW_GRACE_MS = 300;

export class Call {
  readonly room: Room;
  readonly #out: Outlet;
  readonly #over = new AbortController();
  /** Closes the microphone where the operator's sessions turn out to be without a voice. */
  readonly #silence = new AbortController();
  #session: SessionStarted | null = null;
  #agentIdentity: string | null = null;
  #agent: RoomAgent = 'absent';
  /** Its number in the state: what this call tells after another has begun is not taken for the other's. */
  #number = 0;
  readonly #typed: Outbox;
  #brought: string | null = null; // what the page shows from before this call, until its assistant is told
  /** What speaks against the connection: the library's measure of it, and nothing coming at all. */
  readonly #weak = { quality: false, silence: false };
  #fileCount = 0;

  second = false; // another screen of a call that somebody speaks in elsewhere

  constructor(out: Outlet, room: Room = createRoom()) {
    this.#out = out;
    this.room = room;
    this.#typed = new Outbox({ out, room, tell: (told) => this.#tell(told), ready: () => this.#ready() });
    this.#listen();
  }

  /** Starts the session, joins its room and opens the microphone; never rejects, the state tells what came of it. */
  async start(options: CallOptions): Promise<void> {
    this.#out.dispatch({ type: 'started', language: options.language, typing: options.typing ?? false });
    this.#number = this.#out.state().calls;
    this.#brought = resultsOf(this.#out.state())?.result.search_id ?? null;
    // At once, while the session is still asked for: nothing that is said from the tap on is lost.
    if (!options.typing) void this.#openMicrophone();
    try {
      this.#session = await startSession(bodyOf(options), this.#over.signal);
    } catch (error) {
      this.#refuse(troubleOf(error));
      return;
    }
    if (this.#over.signal.aborted) return;
    const { pipeline, receipt } = this.#session;
    this.#tell({ type: 'session', pipeline, receipt });
    if (pipeline === 'text') this.#silence.abort();
    void watchPulse(
      () => pulseOf(this.room),
      (silent) => this.#onSilent(silent),
      this.#over.signal,
    );
    await this.#enter(this.#session);
  }

  /** Joins a call that runs, as another screen of its traveller: silent, and without a microphone. Never rejects. */
  async join(): Promise<void> {
    this.second = true;
    const before = resultsOf(this.#out.state());
    this.#out.dispatch({ type: 'started', language: 'auto', typing: true });
    this.#number = this.#out.state().calls;
    const own = ticket();
    const session = own && (await accompany(own, this.#over.signal).catch(() => null));
    // Over, or a link that is none; either way there is nothing to join.
    if (!session || this.#over.signal.aborted) return this.end();
    this.#session = session;
    this.#tell({ type: 'session', pipeline: 'text' });
    await this.#enter(session);
    const shown = await shownIn(session).catch(() => null); // what came from the assistant meanwhile is newer
    if (shown && resultsOf(this.#out.state()) === before) this.#tell({ type: 'results', message: shown });
  }

  async #enter(session: SessionStarted): Promise<void> {
    void watchSession(session, (status) => this.#tell({ type: 'status', status }), this.#over.signal);
    try {
      // Two loudspeakers in one room would hear each other.
      await this.room.connect(session.server_url, session.participant_token, { autoSubscribe: !this.second });
    } catch {
      // The library's message can hold the token, so it goes nowhere.
      this.#refuse('media');
    }
  }

  /** Sends typed words, or keeps them until somebody is there to read them. */
  async send(text: string): Promise<void> {
    await this.#typed.send(text);
  }

  /** Sends a file for the assistant to look at; `label` is what the transcript says of it. */
  async sendFile(file: File, label: string): Promise<void> {
    const id = `file-${++this.#fileCount}-${Date.now()}`;
    const to = this.#ready() ? this.#agentIdentity : null;
    this.#tell({ type: 'typed', id, text: label, delivery: to ? 'sent' : 'failed', at: Date.now() });
    if (!to) return;
    try {
      await this.room.localParticipant.sendFile(file, {
        topic: TOPIC_FILE,
        mimeType: file.type,
        destinationIdentities: [to],
      });
    } catch {
      this.#out.dispatch({ type: 'delivery', id, delivery: 'failed' });
    }
  }

  /** Silence: here at once, and at the agent as soon as it hears of it. */
  async stop(): Promise<void> {
    this.#tell({ type: 'stop' });
    await this.#perform(RPC_STOP, '', (reply) => parseMessage(stopReplySchema, reply) !== null);
    void pause(STOP_TOLD_MS, this.#over.signal).then(() => this.#tell({ type: 'stop-told' }));
  }

  /** Asks the agent to go on in a language; the page shows the choice even when nobody is there yet. */
  async setLanguage(language: string): Promise<void> {
    this.#out.dispatch({ type: 'language', language });
    await this.#perform(RPC_LANGUAGE, JSON.stringify({ language }), (reply) => {
      const answer = parseMessage(languageRequestSchema, reply);
      if (answer) this.#out.dispatch({ type: 'language', language: answer.language });
      return answer !== null;
    });
  }

  /** The call's session, for what its traveller asks of the API; null before there is one. */
  get own(): OwnSession | null {
    return this.#session;
  }

  /** The user found flights by form: the assistant counts and speaks of the same cards from now on. */
  async shown(searchId: string): Promise<void> {
    const country = storedCountry() || 'auto';
    await this.#change({ action: 'show', search_id: searchId, by: 'form', country });
  }

  /** The user touched a card. */
  async select(number: number | null): Promise<void> {
    const results = resultsOf(this.#out.state());
    this.#out.dispatch({ type: 'select', number });
    if (number === null) return;
    if (results?.source === 'form') {
      const offer = results.result.offers[number - 1];
      if (offer) await this.#change({ action: 'select', offer_id: offer.id, by: 'touch' });
      return;
    }
    if (!results) return;
    const payload = JSON.stringify({ search_id: results.result.search_id, number });
    await this.#perform(RPC_SELECT, payload, () => true);
  }

  /** The user sorts or filters by touch: at once here, and at the assistant, which counts the cards. */
  async refine(view: View): Promise<void> {
    const results = resultsOf(this.#out.state());
    this.#out.dispatch({ type: 'view', view });
    if (results?.source !== 'assistant') return;
    await this.#perform(RPC_REFINE, JSON.stringify({ search_id: results.result.search_id, view }), () => true);
  }

  /**
   * `null`: the microphone is open all the time; else only while it is held. Closed it sends silence, not nothing: the
   * end of a turn is heard by it.
   */
  hold(hold: ReturnType<typeof holdOf>): void {
    this.#tell({ type: 'hold', hold });
    const track = this.room.localParticipant.getTrackPublication(Track.Source.Microphone)?.track?.mediaStreamTrack;
    if (track) track.enabled = hold !== 'closed';
  }

  /** Ends, because the same traveller has begun another call. */
  async moved(): Promise<void> {
    this.#tell({ type: 'ended', reason: 'elsewhere' });
    await this.end();
  }

  async setMuted(muted: boolean): Promise<void> {
    const { localParticipant } = this.room;
    if (!muted && !localParticipant.getTrackPublication(Track.Source.Microphone)) {
      this.#tell({ type: 'microphone', microphone: 'asking' });
      await this.#openMicrophone();
      return;
    }
    // Said first: a microphone that the room mutes without this was taken away.
    if (muted) this.#tell({ type: 'microphone', microphone: 'muted' });
    try {
      await localParticipant.setMicrophoneEnabled(!muted);
      this.#tell({ type: 'microphone', microphone: muted ? 'muted' : 'on' });
    } catch (error) {
      this.#tell({ type: 'microphone', microphone: microphoneFailure(error) });
    }
  }

  /** Sound comes from the microphone. */
  heard(): void {
    this.#tell({ type: 'heard' });
  }

  /** After a browser refused to play sound without a gesture; call it from one. */
  async allowPlayback(): Promise<void> {
    await this.room.startAudio().catch(() => undefined);
  }

  /** Asks for another agent in this room. False when the call cannot be saved and must be started anew. */
  async retry(): Promise<boolean> {
    if (!this.#session || this.room.state !== 'connected') return false;
    try {
      this.#tell({ type: 'status', status: await dispatchAgain(this.#session) });
      return true;
    } catch {
      return false;
    }
  }

  /** Leaves the room; transcript and cards stay. */
  async end(): Promise<void> {
    tearUp();
    this.#over.abort();
    this.#tell({ type: 'ended', reason: 'left' });
    await this.room.disconnect();
  }

  #listen(): void {
    const { room } = this;
    const dispatch = (told: Told): void => this.#tell(told);
    followRoom(room, dispatch);
    followMicrophone(
      room,
      () => microphoneOf(this.#out.state()).is,
      (microphone) => dispatch({ type: 'microphone', microphone }),
      () => void this.setMuted(false),
    );
    receiveStreams(room, (identity) => this.#isAgent(identity), dispatch);
    room.registerRpcMethod(RPC_SHOW, async (call) => this.#show(call.callerIdentity, call.payload));
    const refresh = (): void => this.#refreshAgent();
    // The state has heard of it before: the page listens from the beginning.
    window.addEventListener('online', refresh, { signal: this.#over.signal });
    room
      .on(RoomEvent.Connected, () => {
        dispatch({ type: 'connected' });
        // What was told of it before there was a room was told to nobody.
        this.#agent = 'absent';
        refresh();
      })
      .on(RoomEvent.SignalReconnecting, () => dispatch({ type: 'reconnecting' }))
      .on(RoomEvent.Reconnecting, () => dispatch({ type: 'reconnecting' }))
      .on(RoomEvent.Reconnected, () => {
        dispatch({ type: 'connected' });
        refresh();
      })
      .on(RoomEvent.Disconnected, (reason) => this.#onDisconnected(reason))
      .on(RoomEvent.ParticipantConnected, refresh)
      .on(RoomEvent.ParticipantDisconnected, refresh)
      .on(RoomEvent.ParticipantAttributesChanged, refresh)
      .on(RoomEvent.LocalAudioSilenceDetected, () => dispatch({ type: 'unheard' }))
      .on(RoomEvent.ActiveSpeakersChanged, (speakers) => {
        if (speakers.some((speaker) => speaker.isLocal)) dispatch({ type: 'heard' });
      })
      .on(RoomEvent.AudioPlaybackStatusChanged, () =>
        dispatch({ type: 'sound-blocked', blocked: !room.canPlaybackAudio }),
      )
      .on(RoomEvent.ConnectionQualityChanged, (quality, participant) => {
        if (!participant.isLocal) return;
        this.#onWeak({ quality: [ConnectionQuality.Poor, ConnectionQuality.Lost].includes(quality) });
      });
  }

  /** What happens in this call, as the state's own. */
  #tell(told: Told): void {
    this.#out.dispatch({ ...told, call: this.#number });
  }

  async #openMicrophone(): Promise<void> {
    const microphone = await openMicrophone(this.room, AbortSignal.any([this.#over.signal, this.#silence.signal]));
    this.#tell({ type: 'microphone', microphone });
  }

  #refreshAgent(): void {
    const participant = findAgent(this.room);
    const facts = agentFacts(participant);
    const identity = participant?.identity ?? null;
    if (this.#agentIdentity && identity !== this.#agentIdentity) this.#typed.takeBack();
    // Who does something else has read what was there to read.
    else if (facts.agent !== this.#agent) this.#typed.read();
    this.#agentIdentity = identity;
    if (facts.language) this.#tell({ type: 'agent-language', language: facts.language });
    if (facts.pipeline && !this.second) this.#tell({ type: 'agent-pipeline', pipeline: facts.pipeline });
    // What it does is told when it does something else: after a stop, "still speaking" is not "speaking again".
    if (facts.agent !== this.#agent) this.#tell({ type: 'agent', agent: facts.agent });
    this.#agent = facts.agent;
    if (!this.#ready()) return;
    this.#typed.flush();
    if (this.#brought) void this.shown(this.#brought);
    this.#brought = null;
  }

  /** A change of the shared screen; what cannot be told changes nothing here, where it is seen already. */
  async #change(change: Parameters<typeof changeScreen>[1]): Promise<void> {
    if (!this.#session || this.#over.signal.aborted) return;
    await changeScreen(this.#session, change).catch(() => undefined);
  }

  /** Calls the agent; `accept` checks its answer. Failure is silence: the state already shows what the user did. */
  async #perform(method: string, payload: string, accept: (reply: string) => boolean): Promise<boolean> {
    const reply = this.#agentIdentity && (await askAgent(this.room, this.#agentIdentity, method, payload));
    return typeof reply === 'string' && accept(reply);
  }

  async #show(caller: string, payload: string): Promise<string> {
    const request = parseMessage(showRequestSchema, payload);
    const shown = (): Results | null => resultsOf(this.#out.state());
    if (request && shown()?.result.search_id !== request.search_id) await pause(SHOW_GRACE_MS);
    const results = shown();
    const searchId = request?.search_id ?? '';
    if (!request || !this.#isAgent(caller) || results?.result.search_id !== searchId) {
      return JSON.stringify({ search_id: searchId, shown: [] });
    }
    if (request.selected !== null) this.#out.dispatch({ type: 'select', number: request.selected });
    return JSON.stringify({ search_id: searchId, shown: results.result.offers.map((_, index) => index + 1) });
  }

  #onWeak(facts: { quality?: boolean; silence?: boolean }): void {
    Object.assign(this.#weak, facts);
    const { quality, silence } = this.#weak;
    this.#tell({ type: 'quality', connection: silence ? 'silent' : quality ? 'weak' : 'good' });
  }

  /** Nothing comes any more over the connection, or from the agent alone; or something does again. */
  #onSilent({ line, agent }: Silent): void {
    this.#onWeak({ silence: line });
    if (agent) this.#tell({ type: 'agent-silent' });
    const { call } = this.#out.state();
    // What it does is told anew.
    if (!agent && isInRoom(call) && call.assistant.is === 'silent') this.#agent = 'absent';
    this.#refreshAgent();
  }

  #onDisconnected(reason: DisconnectReason | undefined): void {
    if (this.#over.signal.aborted) return;
    const { phase } = this.#out.state().call;
    this.#over.abort();
    // A page that is loaded again leaves by itself, and comes back.
    if (reason !== DisconnectReason.CLIENT_INITIATED) tearUp();
    // The agent says goodbye before it closes the room; without that, the connection of who speaks in it was lost.
    this.#tell({ type: 'ended', reason: phase === 'ending' || this.second ? 'goodbye' : 'lost' });
  }

  #refuse(reason: RefusalReason): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#tell({ type: 'refused', reason });
    void this.room.disconnect();
  }

  #isAgent(identity: string): boolean {
    return identity === (this.#agentIdentity ?? findAgent(this.room)?.identity);
  }

  #ready(): boolean {
    return this.#agentIdentity !== null && isReachable(this.#out.state());
  }
}
