import { EventEmitter } from 'node:events';
import type { Room, TextStreamReader } from 'livekit-client';

type Handler = (reader: TextStreamReader, sender: { identity: string }) => unknown;
type Rpc = (call: { callerIdentity: string; payload: string }) => Promise<string>;

export type FakeAgent = { identity: string; attributes: Record<string, string>; joinedAt?: Date };

/** As much of a LiveKit room as a call uses, driven by the test. */
export class FakeRoom extends EventEmitter {
  state = 'disconnected';
  canPlaybackAudio = true;
  remoteParticipants = new Map<string, unknown>();
  sent: { text: string; topic: string }[] = [];
  calls: { method: string; payload: string; destinationIdentity: string }[] = [];
  /** What the agent answers; a rejection is an agent that does not. */
  rpc: () => Promise<string> = async () => '{"stopped":true}';
  connectError: Error | null = null;
  microphoneError: Error | null = null;
  microphone: boolean | null = null;
  /** Until it resolves, the browser is asking whether the microphone may be used. */
  permission: Promise<void> = Promise.resolve();
  options = { publishDefaults: { preConnectBuffer: true } };
  buffering = false;
  /** Whether it was joined to hear what is said in it. */
  subscribes: boolean | undefined;
  /** What has come from the agent's side so far. */
  bytes = 0;
  /** Packets of its voice so far; null: nothing is told of them. */
  packets: number | null = null;
  readonly #streams = new Map<string, Handler>();
  readonly #methods = new Map<string, Rpc>();

  localParticipant = {
    identity: 'me',
    createTracks: async () => {
      await this.permission;
      if (this.microphoneError) throw this.microphoneError;
      this.microphone = true;
      return [
        {
          stop: () => {
            this.microphone = null;
          },
          startPreConnectBuffer: () => {
            this.buffering = true;
          },
        },
      ];
    },
    publishTrack: async () => undefined,
    /** Whether the published microphone lets sound through. */
    sound: { enabled: true },
    getTrackPublication: () =>
      this.microphone === null ? undefined : { track: { mediaStreamTrack: this.localParticipant.sound } },
    setMicrophoneEnabled: async (enabled: boolean) => {
      if (enabled && this.microphoneError) throw this.microphoneError;
      this.microphone = enabled;
    },
    sendText: async (text: string, { topic }: { topic: string }) => {
      this.sent.push({ text, topic });
    },
    files: [] as { name: string; topic: string; to: string[] }[],
    sendFile: async (file: File, options: { topic: string; destinationIdentities: string[] }) => {
      this.localParticipant.files.push({ name: file.name, topic: options.topic, to: options.destinationIdentities });
      return { id: 'file' };
    },
    performRpc: (call: FakeRoom['calls'][number]) => {
      this.calls.push(call);
      return this.rpc();
    },
  };

  registerTextStreamHandler(topic: string, handler: Handler): void {
    this.#streams.set(topic, handler);
  }

  registerRpcMethod(method: string, handler: Rpc): void {
    this.#methods.set(method, handler);
  }

  async connect(_url: string, _token: string, options?: { autoSubscribe: boolean }): Promise<void> {
    this.subscribes = options?.autoSubscribe;
    if (this.connectError) throw this.connectError;
    this.state = 'connected';
    this.emit('connected');
  }

  async disconnect(): Promise<void> {
    this.state = 'disconnected';
    this.emit('disconnected', 1);
  }

  /** The agent comes, or changes its state or language. */
  agent(state: string | null, language = 'en', identity = 'agent-1'): void {
    const attributes = { 'polyglot.language': language, ...(state ? { 'lk.agent.state': state } : {}) };
    const voice = (): [string, unknown][] =>
      this.packets === null ? [] : [['voice', { type: 'inbound-rtp', packetsReceived: this.packets }]];
    const track = {
      getRTCStatsReport: async () =>
        new Map<string, unknown>([['pair', { type: 'candidate-pair', bytesReceived: this.bytes }], ...voice()]),
    };
    const audioTrackPublications = new Map([['voice', { track }]]);
    this.remoteParticipants.set(identity, {
      identity,
      kind: 4,
      attributes,
      joinedAt: new Date(0),
      audioTrackPublications,
    });
    this.emit('participantAttributesChanged');
  }

  agentLeaves(identity = 'agent-1'): void {
    this.remoteParticipants.delete(identity);
    this.emit('participantDisconnected');
  }

  async stream(
    topic: string,
    chunks: string[],
    attributes: Record<string, string> = {},
    from = 'agent-1',
  ): Promise<void> {
    const reader = {
      info: { id: `stream-${Math.random()}`, attributes },
      async *[Symbol.asyncIterator]() {
        yield* chunks;
      },
      readAll: async () => chunks.join(''),
    };
    await this.#streams.get(topic)?.(reader as unknown as TextStreamReader, { identity: from });
    await new Promise((resolve) => setTimeout(resolve));
  }

  ask(method: string, payload: unknown, callerIdentity = 'agent-1'): Promise<string> {
    const handler = this.#methods.get(method);
    if (!handler) throw new Error(`${method} is not registered`);
    return handler({ callerIdentity, payload: JSON.stringify(payload) });
  }

  asRoom(): Room {
    return this as unknown as Room;
  }
}
