import type { NoticeMessage } from '@/api/schemas.ts';

/** What the page itself has to say, in the form of what the assistant tells. */
export const warning = (language: string, text: string): NoticeMessage => ({
  version: 1,
  kind: 'page',
  language,
  text,
  severity: 'warning',
  action: null,
});
