import type { SessionRequest } from '@/api/client.ts';
import type { CallOptions } from './session.ts';

/** Of the consent text in the catalogues; changes with its meaning, so that the record tells what was agreed to. */
const CONSENT_VERSION = '2026-11.2';

/** What the traveller agreed to, with the text that was shown. */
export const consentOf = (options: CallOptions): SessionRequest['consent'] => ({
  store_turns: options.storeTurns,
  record: options.record ?? false,
  version: CONSENT_VERSION,
  language: options.locale,
});
