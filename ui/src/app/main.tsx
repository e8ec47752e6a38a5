import '@/ui/styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { initialState } from '@/features/conversation/state.ts';
import { applyTheme, storedLanguage, storedTheme } from '@/features/settings/preferences.ts';
import { startI18n } from '@/i18n/index.ts';
import { isKept } from '@/lib/kept.ts';
import { App } from './App.tsx';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

applyTheme(storedTheme());
const language = storedLanguage();
await startI18n(language);
// A reload goes on where it was; who comes for the first time fetches nothing for it.
const initial = isKept('conversation')
  ? (await import('@/features/conversation/memory.ts')).remembered()
  : initialState;
createRoot(root).render(
  <StrictMode>
    <App initial={initial} />
  </StrictMode>,
);

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  void import('@/shell/register.ts').then(({ keepPage }) => keepPage(language));
}
