/** The only door to livekit. Import it dynamically: it is most of the page's weight, and only a call needs it. */
export { AgentAudio } from './AgentAudio.tsx';
export { Call, type CallOptions } from './call.ts';
export { MicrophoneLevel } from './MicrophoneLevel.tsx';
