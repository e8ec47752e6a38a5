import '@/ui/styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { applyTheme, storedLanguage, storedTheme } from '@/features/settings/preferences.ts';
import { startI18n } from '@/i18n/index.ts';
import { App } from './App.tsx';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

applyTheme(storedTheme());
await startI18n(storedLanguage());
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
