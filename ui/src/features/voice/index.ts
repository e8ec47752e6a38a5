/** The only door to livekit. Import it dynamically: it is most of the page's weight, and only a call needs it. */
import { setLogLevel } from 'livekit-client';

// The library writes room, identity and address to the console otherwise.
setLogLevel('warn');

export { AgentAudio } from './AgentAudio.tsx';
export { Call } from './call.ts';
export { Devices } from './Devices.tsx';
export { People } from './People.tsx';
export { SecondScreen } from './SecondScreen.tsx';
export type { CallOptions } from './session.ts';
export { shareScreen } from './share.ts';
export { VoiceLevel } from './VoiceLevel.tsx';
