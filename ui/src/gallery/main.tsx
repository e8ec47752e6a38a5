/**
 * Every state of the page and the desk without a room and without an API, as `make gallery` builds them:
 * `?state=results&lang=ja&theme=dark`. Without a state: links to all of them. Tests compare their pictures.
 */
import '@/ui/styles/index.css';
import '@/desk/desk.css';
import { type ReactNode, useEffect, useRef } from 'react';
import { createRoot } from 'react-dom/client';
import { CallView } from '@/features/conversation/CallView.tsx';
import { WelcomeView } from '@/features/conversation/WelcomeView.tsx';
import { valuesOf } from '@/features/flights/form.ts';
import { SearchFormView } from '@/features/flights/SearchFormView.tsx';
import { RouteMapView } from '@/features/map/RouteMapView.tsx';
import { YourData } from '@/features/privacy/YourData.tsx';
import { Header } from '@/features/settings/Header.tsx';
import { applyTheme, type Theme } from '@/features/settings/preferences.ts';
import { CompareView } from '@/features/trips/CompareView.tsx';
import { PriceGraphView } from '@/features/trips/PriceGraphView.tsx';
import { PeopleView } from '@/features/voice/PeopleView.tsx';
import { startI18n } from '@/i18n/index.ts';
import type { PageLanguage } from '@/i18n/languages.ts';
import { LevelMeter } from '@/ui/LevelMeter.tsx';
import { mount } from '@/widget/app.tsx';
import { build } from '@/widget/loader.ts';
import { optionsOf } from '@/widget/options.ts';
import { TEXTS, type WidgetTexts } from '@/widget/texts.ts';
import { Bench } from './bench.tsx';
import { DESK } from './desk.tsx';
import { CALENDAR, CHANGING, COMPARISON, IDLE, POSITIONS, PROBLEM, STATES } from './states.ts';

const query = new URLSearchParams(location.search);
const lang = (query.get('lang') ?? 'en') as PageLanguage;
applyTheme((query.get('theme') ?? 'system') as Theme);
await startI18n(lang);

const nothing = (): void => undefined;

/** With what a button would open. */
function Opened({ children }: { children: ReactNode }) {
  useEffect(() => document.querySelector<HTMLElement>('[popover]')?.showPopover(), []);
  return children;
}

/** The widget in a page of somebody else, without an API behind it. */
function Widget() {
  const shown = useRef(false);
  useEffect(() => {
    if (shown.current) return;
    shown.current = true;
    const script = document.createElement('script');
    script.src = location.href;
    script.dataset.language = lang;
    const options = optionsOf(script, () => undefined);
    const { host, frame, panel, body } = build(options, TEXTS[lang] as WidgetTexts);
    document.body.append(host);
    panel.hidden = false;
    const follow = (): void => {
      frame.dir = document.documentElement.dir;
      for (const one of [frame, body.querySelector<HTMLElement>('.polyglot')]) {
        if (one) one.dataset.theme = document.documentElement.dataset.theme;
      }
    };
    void mount(body, frame, options).then(() => {
      new MutationObserver(follow).observe(document.documentElement, { attributes: true });
      follow();
    });
  }, []);
  return <p>The page of a company.</p>;
}

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
  people: (
    <CallView
      {...IDLE}
      state={STATES.operator}
      meter={<LevelMeter level={0.35} side="assistant" />}
      searchForm={form(null)}
      people={
        <PeopleView
          people={[
            { id: 'you', name: 'You', speaking: false },
            { id: 'agent', name: 'Polyglot', speaking: false },
            { id: 'operator', name: 'Marta', speaking: true },
          ]}
        />
      }
    />
  ),
  captions: (
    <Opened>
      <CallView
        {...IDLE}
        state={STATES.results}
        captions={true}
        meter={<LevelMeter level={0.35} />}
        searchForm={form(null)}
        devices={<p className="muted small">Microphone of this device</p>}
      />
    </Opened>
  ),
  map: part(<RouteMapView offer={CHANGING} positions={POSITIONS} locale={lang} />),
  widget: part(<Widget />),
  compare: part(<CompareView comparison={COMPARISON} locale={lang} />),
  prices: part(<PriceGraphView calendar={CALENDAR} chosen="2026-12-05" locale={lang} count={35} onDay={nothing} />),
};

const name = query.get('state') ?? '';
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    (name === 'bench' ? <Bench /> : DESK[name]) ?? (
      <>
        {name in PAGES && name !== 'widget' && <Header />}
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
