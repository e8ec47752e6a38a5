import { expect, it } from 'vitest';
import { ApiError } from '@/api/client.ts';
import { problemSchema } from '@/api/schemas.ts';
import { troubleOf } from '@/features/voice/trouble.ts';

const problem = (status: number) => problemSchema.parse({ type: 'x', title: 'x', status, detail: 'x' });

it.each([
  [new ApiError('busy'), 'busy'],
  [new ApiError('invalid', problem(401)), 'refused'],
  [new ApiError('invalid', problem(422)), 'rejected'],
  [new ApiError('unreachable'), 'session'],
  [new TypeError('x'), 'session'],
])('%s is %s', (error, trouble) => {
  expect(troubleOf(error)).toBe(trouble);
});
