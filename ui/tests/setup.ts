import { cleanup, configure } from '@testing-library/react';
import { afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { changeLanguage, startI18n } from '@/i18n/index.ts';

// What is waited for comes; how soon depends on the machine.
configure({ asyncUtilTimeout: 20_000 });

/** What a test asked a network for that it has not stubbed: whoever catches the refusal must not hide it. */
const unstubbed: string[] = [];

globalThis.fetch = async (input) => {
  unstubbed.push(String(input instanceof Request ? input.url : input));
  throw new TypeError(`a test fetches ${unstubbed.at(-1)} and has not stubbed it`);
};

beforeAll(async () => {
  await startI18n('en');
});

beforeEach(() => {
  unstubbed.length = 0;
});

afterEach(async () => {
  cleanup();
  localStorage.clear();
  sessionStorage.clear();
  await changeLanguage('en');
  expect(unstubbed, 'fetched without a stub').toEqual([]);
});
