/** What the widget fetches when it is opened: the page itself, in a shadow root of a page of somebody else. */
import { createRoot } from 'react-dom/client';
import { App } from '@/app/App.tsx';
import { initialState } from '@/features/conversation/state.ts';
import { startI18n } from '@/i18n/index.ts';
import { home } from '@/lib/home.ts';
import { isKept } from '@/lib/kept.ts';
import css from '@/ui/styles/index.css?inline';
import type { Options } from './options.ts';
import { embeddedStyles } from './styles.ts';

export type Embedded = {
  /** Whether the panel is open; a call in a closed one is over. */
  shown: (open: boolean) => void;
  setPageToken: (token: string) => void;
};

export type Mount = (body: HTMLElement, frame: HTMLElement, options: Options) => Promise<Embedded>;

/** Links within the page: an address of somebody else must not change, and does not reach into a shadow root. */
function followInside(root: HTMLElement): void {
  root.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
    if (!link) return;
    event.preventDefault();
    const id = link.getAttribute('href')?.slice(1) ?? '';
    const target = root.querySelector<HTMLElement>(`#${CSS.escape(id)}`);
    if (!target) return;
    if (target.tabIndex < 0 && !target.hasAttribute('tabindex')) target.tabIndex = -1;
    target.scrollIntoView();
    target.focus();
  });
}

/** Fills the panel; a script that a browser has kept of an earlier build says as much as this. */
export const mount: Mount = async (body, _frame, options) => {
  const page = document.createElement('div');
  page.className = 'polyglot';
  page.dataset.theme = options.theme;
  for (const [name, value] of Object.entries(options.look)) page.style.setProperty(`--${name}`, value);
  const accent = options.look.accent;
  if (accent) {
    page.style.setProperty('--accent-strong', `color-mix(in oklab, ${accent} 82%, var(--ink))`);
    page.style.setProperty('--accent-soft', `color-mix(in oklab, ${accent} 14%, var(--surface))`);
  }
  Object.assign(home, {
    api: options.api,
    root: page,
    embedded: true,
    pageToken: options.pageToken,
    search: () => (options.persona ? `?${new URLSearchParams({ persona: options.persona })}` : ''),
  });
  await startI18n(options.language);
  const initial = isKept('conversation')
    ? (await import('@/features/conversation/memory.ts')).remembered()
    : initialState;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(embeddedStyles(css));
  const inner = document.createElement('div');
  inner.id = 'root';
  page.append(inner);
  body.replaceChildren(page);
  const shadow = body.getRootNode();
  if (shadow instanceof ShadowRoot) shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
  followInside(page);
  const root = createRoot(inner);
  const render = (open: boolean): void => root.render(<App initial={initial} open={open} />);
  render(true);
  return {
    shown: render,
    setPageToken: (token) => {
      home.pageToken = token;
    },
  };
};
