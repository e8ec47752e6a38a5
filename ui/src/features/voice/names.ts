/** Names that the agent spells alike: see `contracts/names.py`, against which a test checks these. */
export const TOPIC_CHAT = 'lk.chat';
/** As `contracts.desk.OPERATOR_PREFIX`. */
export const OPERATOR_PREFIX = 'operator-';
/** As the API names a traveller's own screens: the one that speaks, and `contracts.names.COMPANION_PREFIX`. */
export const TRAVELLER_PREFIXES = ['user-', 'companion-'];
export const TOPIC_TRANSCRIPTION = 'lk.transcription';
export const TOPIC_RESULTS = 'polyglot.results';
export const TOPIC_NOTICE = 'polyglot.notice';
export const RPC_STOP = 'polyglot.stop';
export const RPC_LANGUAGE = 'polyglot.language';
export const RPC_SELECT = 'polyglot.select';
export const RPC_REFINE = 'polyglot.refine';
export const RPC_SHOW = 'ui.show';
export const ATTRIBUTE_AGENT_STATE = 'lk.agent.state';
export const ATTRIBUTE_TRANSCRIPTION_FINAL = 'lk.transcription_final';
export const ATTRIBUTE_SEGMENT_ID = 'lk.segment_id';
export const ATTRIBUTE_PUBLISH_ON_BEHALF = 'lk.publish_on_behalf';
export const ATTRIBUTE_LANGUAGE = 'polyglot.language';
export const ATTRIBUTE_PIPELINE = 'polyglot.pipeline';
