/** Wire messages as the Python side writes them; `tests/unit/ui` checks that they are valid there. */
import {
  type NoticeMessage,
  noticeMessageSchema,
  type ResultsMessage,
  resultsMessageSchema,
  type SessionStatus,
  sessionStatusSchema,
} from '@/api/schemas.ts';
import notice from './fixtures/notice.json' with { type: 'json' };
import results from './fixtures/results.json' with { type: 'json' };
import status from './fixtures/session_status.json' with { type: 'json' };

export const resultsMessage = (change: Partial<ResultsMessage> = {}): ResultsMessage => ({
  ...resultsMessageSchema.parse(results),
  ...change,
});
export const noticeMessage = (change: Partial<NoticeMessage> = {}): NoticeMessage => ({
  ...noticeMessageSchema.parse(notice),
  ...change,
});
export const sessionStatus = (change: Partial<SessionStatus> = {}): SessionStatus => ({
  ...sessionStatusSchema.parse(status),
  ...change,
});
