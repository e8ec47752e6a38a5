import '@/ui/styles/index.css';
import './desk.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { applyTheme, storedTheme } from '@/features/settings/preferences.ts';
import { Desk } from './Desk.tsx';

const root = document.getElementById('root');
if (!root) throw new Error('desk/index.html has no #root');

applyTheme(storedTheme());
createRoot(root).render(
  <StrictMode>
    <Desk />
  </StrictMode>,
);
