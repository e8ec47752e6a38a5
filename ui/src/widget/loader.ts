/**
 * `/widget.js`: one script tag in a page of somebody else puts a button there. What it opens is fetched when it is first
 * opened, from where the script came from, and lives in a shadow root: its styles and the page's do not meet.
 */
import { directionOf } from '@/i18n/languages.ts';
import type { Embedded, Mount } from './app.tsx';
import { coloursOf, completed } from './colours.ts';
import { type Options, optionsOf } from './options.ts';
import shell from './shell.css?inline';
import { TEXTS, type WidgetTexts } from './texts.ts';

export type PolyglotWidget = {
  open: () => Promise<void>;
  close: () => void;
  /** Another page token, before the old one is too old. */
  setPageToken: (token: string) => void;
  /** Puts the button back into a page that has replaced what was in it. */
  attach: () => void;
};

declare global {
  interface Window {
    PolyglotWidget?: PolyglotWidget;
  }
}

const SVG = 'http://www.w3.org/2000/svg';
const BARS = 'M5 12v8M12 7v18M19 3v26M26 10v12';
const CROSS = 'M8 8l16 16M24 8L8 24';

// biome-ignore lint/suspicious/noConsole: who puts the tag into a page finds what is wrong with it where they look.
const tell = (text: string): void => console.warn(`Polyglot widget: ${text}`);

/** The token that the page's own server hands out: as text, or `{"token": …}`. */
async function fetchToken(url: string): Promise<string> {
  const response = await fetch(url, { cache: 'no-store' });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  const text = (await response.text()).trim();
  return text.startsWith('{') ? String(JSON.parse(text).token) : text;
}

/** Why the page could not be fetched: the API is there and does not let this origin in, or it is not there. */
async function reasonFor(api: string): Promise<'refused' | 'failed'> {
  return fetch(`${api}/health`, { mode: 'no-cors', cache: 'no-store' }).then(
    () => 'refused',
    () => 'failed',
  );
}

function element<K extends keyof HTMLElementTagNameMap>(name: K, className: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.className = className;
  return made;
}

/** Made without HTML: a page may forbid that to scripts. */
function button(className: string, drawing: string): HTMLButtonElement {
  const made = element('button', className);
  made.type = 'button';
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 32 32');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', drawing);
  svg.append(path);
  made.append(svg);
  return made;
}

const NAME = 'polyglot-widget';

/** Tells when it is taken out of the page, as single-page sites do with all that they show. */
class Host extends HTMLElement {
  gone: () => unknown = () => undefined;
  disconnectedCallback(): void {
    this.gone();
  }
}

/** The button and the panel, without what fills it. */
export function build(options: Options, texts: WidgetTexts) {
  if (!customElements.get(NAME)) customElements.define(NAME, Host);
  const host = document.createElement(NAME) as Host;
  // Nothing that the page says of all its elements reaches in.
  host.style.setProperty('all', 'initial', 'important');
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(shell);
  root.adoptedStyleSheets = [sheet];
  const frame = element('div', 'frame');
  frame.lang = options.language;
  frame.dir = directionOf(options.language);
  frame.dataset.theme = options.theme;
  frame.dataset.side = options.side;
  for (const [name, value] of Object.entries(options.look)) frame.style.setProperty(`--${name}`, value);

  const panel = element('section', 'panel');
  panel.hidden = true;
  panel.setAttribute('role', 'dialog');
  panel.setAttribute('aria-label', texts.title);
  panel.tabIndex = -1;
  const bar = element('div', 'bar');
  const title = element('p', 'title');
  title.textContent = texts.title;
  const close = button('close', CROSS);
  close.setAttribute('aria-label', texts.close);
  bar.append(title, close);
  const body = element('div', 'body');
  const message = element('p', 'message');
  message.setAttribute('role', 'status');
  body.append(message);
  panel.append(bar, body);

  const launcher = button('launcher', BARS);
  const label = element('span', '');
  label.textContent = options.label || texts.open;
  launcher.append(label);
  launcher.setAttribute('aria-expanded', 'false');
  frame.append(panel, launcher);
  root.append(frame);
  return { host, frame, panel, body, message, close, launcher };
}

/** Puts the widget into the page. */
export function start(script: HTMLScriptElement): PolyglotWidget {
  const options = optionsOf(script, tell);
  const texts = TEXTS[options.language] as WidgetTexts;
  const parts = build(options, texts);
  const attach = (): void => {
    // Beside the body, whose transform, filter or zoom would move what is fixed in it.
    if (!parts.host.isConnected) document.documentElement.append(parts.host);
  };
  attach();
  if (Object.keys(options.look).some((name) => name !== 'radius' && name !== 'font')) {
    Object.assign(options.look, completed(options.look, coloursOf(parts.frame), tell));
    for (const [name, value] of Object.entries(options.look)) parts.frame.style.setProperty(`--${name}`, value);
  }
  let embedded: Embedded | null = null;
  let fetching: Promise<void> | null = null;

  async function fill(): Promise<void> {
    parts.message.textContent = texts.loading;
    try {
      if (options.pageTokenUrl) options.pageToken = await fetchToken(options.pageTokenUrl);
      const { mount } = (await import(/* @vite-ignore */ `${options.api}/widget-app.js`)) as { mount: Mount };
      embedded = await mount(parts.body, parts.frame, options);
    } catch (error) {
      const reason = await reasonFor(options.api);
      parts.message.textContent = texts[reason];
      if (reason === 'refused') {
        tell(`${location.origin} may not use ${options.api}: is it in POLYGLOT_CORS_ORIGINS? ${error}`);
      }
      fetching = null; // The next time it is opened, it is tried again.
    }
  }

  async function open(): Promise<void> {
    attach();
    parts.panel.hidden = false;
    parts.launcher.setAttribute('aria-expanded', 'true');
    parts.panel.focus();
    fetching ??= fill();
    await fetching;
    embedded?.shown(true);
  }

  function shut(): boolean {
    if (parts.panel.hidden) return false;
    parts.panel.hidden = true;
    parts.launcher.setAttribute('aria-expanded', 'false');
    embedded?.shown(false);
    return true;
  }

  function close(): void {
    if (shut()) parts.launcher.focus();
  }

  // Nobody can see it any more: a call must not go on behind it.
  parts.host.gone = shut;

  parts.launcher.addEventListener('click', () => (parts.panel.hidden ? void open() : close()));
  parts.close.addEventListener('click', close);
  return {
    open,
    close,
    attach,
    setPageToken: (token) => {
      options.pageToken = token;
      embedded?.setPageToken(token);
    },
  };
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement && script.src) {
  const begin = (): void => {
    // A tag that stands there twice, or comes again with another view of the site.
    if (window.PolyglotWidget) window.PolyglotWidget.attach();
    else window.PolyglotWidget = start(script);
  };
  if (document.body) begin();
  else document.addEventListener('DOMContentLoaded', begin);
}
