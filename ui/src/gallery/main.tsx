/** Every state of the page without a room: `npm run gallery`, then `?state=results&lang=ja&theme=dark`. */
import '@/ui/styles/index.css';
import { createRoot } from 'react-dom/client';
import { CallView } from '@/features/conversation/CallView.tsx';
import { WelcomeView } from '@/features/conversation/WelcomeView.tsx';
import { valuesOf } from '@/features/flights/form.ts';
import { SearchFormView } from '@/features/flights/SearchFormView.tsx';
import { YourData } from '@/features/privacy/YourData.tsx';
import { Header } from '@/features/settings/Header.tsx';
import { applyTheme, type Theme } from '@/features/settings/preferences.ts';
import { startI18n } from '@/i18n/index.ts';
import type { PageLanguage } from '@/i18n/languages.ts';
import { LevelMeter } from '@/ui/LevelMeter.tsx';
import { IDLE, STATES } from './states.ts';

const query = new URLSearchParams(location.search);
const name = query.get('state') ?? 'welcome';
applyTheme((query.get('theme') ?? 'system') as Theme);
await startI18n((query.get('lang') ?? 'en') as PageLanguage);

const nothing = (): void => undefined;
const form = (
  <SearchFormView
    today="2026-11-21"
    initial={valuesOf(null, { tomorrow: '2026-11-22', currency: '', country: '' })}
    searching={false}
    problem={null}
    suggest={async () => []}
    onSearch={nothing}
  />
);
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <>
      <Header />
      {name in STATES ? (
        <CallView
          {...IDLE}
          state={STATES[name as keyof typeof STATES]}
          meter={<LevelMeter level={0.35} />}
          searchForm={form}
          yourData={<YourData receipt="ABCDEFGHJKLMNPQRSTUV" kept={true} />}
        />
      ) : (
        <WelcomeView
          language="auto"
          storeTurns={false}
          starting={false}
          onLanguage={nothing}
          onStoreTurns={nothing}
          onIntent={nothing}
          onStart={nothing}
          onType={nothing}
          yourData={null}
        />
      )}
    </>,
  );
}
