/**
 * Every state of the page and the desk without a room and without an API, as `make gallery` builds them:
 * `?state=results&lang=ja&theme=dark`. Without a state: links to all of them. Tests compare their pictures.
 */
import '@/ui/styles/index.css';
import '@/desk/desk.css';
import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { CallView } from '@/features/conversation/CallView.tsx';
import { WelcomeView } from '@/features/conversation/WelcomeView.tsx';
import { valuesOf } from '@/features/flights/form.ts';
import { SearchFormView } from '@/features/flights/SearchFormView.tsx';
import { YourData } from '@/features/privacy/YourData.tsx';
import { Header } from '@/features/settings/Header.tsx';
import { applyTheme, type Theme } from '@/features/settings/preferences.ts';
import { CompareView } from '@/features/trips/CompareView.tsx';
import { PriceGraphView } from '@/features/trips/PriceGraphView.tsx';
import { startI18n } from '@/i18n/index.ts';
import type { PageLanguage } from '@/i18n/languages.ts';
import { LevelMeter } from '@/ui/LevelMeter.tsx';
import { DESK } from './desk.tsx';
import { CALENDAR, COMPARISON, IDLE, PROBLEM, STATES } from './states.ts';

const query = new URLSearchParams(location.search);
const lang = (query.get('lang') ?? 'en') as PageLanguage;
applyTheme((query.get('theme') ?? 'system') as Theme);
await startI18n(lang);

const nothing = (): void => undefined;
const form = (problem: typeof PROBLEM | null): ReactNode => (
  <SearchFormView
    today="2026-11-21"
    initial={valuesOf(null, { tomorrow: '2026-11-22', currency: '', country: '' })}
    searching={false}
    problem={problem}
    suggest={async () => []}
    onSearch={nothing}
  />
);
const part = (content: ReactNode): ReactNode => (
  <main id="main" className="room">
    <section aria-label="Part">
      <h1>Part</h1>
      {content}
    </section>
  </main>
);

const calls = Object.entries(STATES).map(([name, state]): [string, ReactNode] => [
  name,
  <CallView
    {...IDLE}
    key={name}
    state={state}
    meter={<LevelMeter level={0.35} />}
    searchForm={form(null)}
    yourData={<YourData receipt="ABCDEFGHJKLMNPQRSTUV" kept={true} />}
  />,
]);

const PAGES: Record<string, ReactNode> = {
  welcome: (
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
  ),
  ...Object.fromEntries(calls),
  form: part(form(PROBLEM)),
  compare: part(<CompareView comparison={COMPARISON} locale={lang} />),
  prices: part(<PriceGraphView calendar={CALENDAR} chosen="2026-12-05" locale={lang} count={35} onDay={nothing} />),
};

const name = query.get('state') ?? '';
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    DESK[name] ?? (
      <>
        {name in PAGES && <Header />}
        {PAGES[name] ?? (
          <main id="main">
            <h1>Gallery</h1>
            <ul>
              {[...Object.keys(PAGES), ...Object.keys(DESK)].map((each) => (
                <li key={each}>
                  <a href={`?state=${each}`}>{each}</a>
                </li>
              ))}
            </ul>
          </main>
        )}
      </>
    ),
  );
}
