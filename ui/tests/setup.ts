import { cleanup } from '@testing-library/react';
import { afterEach, beforeAll } from 'vitest';
import { changeLanguage, startI18n } from '@/i18n/index.ts';

beforeAll(async () => {
  await startI18n('en');
});

afterEach(async () => {
  cleanup();
  localStorage.clear();
  sessionStorage.clear();
  await changeLanguage('en');
});
