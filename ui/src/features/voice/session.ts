/** How a call is asked for. */
import type { SessionRequest } from '@/api/client.ts';
import { storedCurrency, traveller } from '@/lib/traveller.ts';
import { consentOf } from './consent.ts';

export type CallOptions = {
  /** `auto` or a language code. */
  language: string;
  /** BCP 47 tag of the page. */
  locale: string;
  storeTurns: boolean;
  /** The traveller agreed to a recording of the sound. */
  record?: boolean;
  /** Who answers; left out: the first one of the installation. */
  persona?: string;
  /** No microphone and no voice: everything is typed and read. */
  typing?: boolean;
};

/** What the API is asked for. */
export const bodyOf = (options: CallOptions): SessionRequest => ({
  ...traveller(options.locale),
  language: options.language,
  consent: consentOf(options),
  ...(options.persona ? { persona: options.persona } : {}),
  ...(options.typing ? { pipeline: 'text' as const } : {}),
  ...(storedCurrency() ? { currency: storedCurrency() } : {}),
});
