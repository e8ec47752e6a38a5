import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type PolyglotWidget, start } from '@/widget/loader.ts';

let widget: PolyglotWidget;

let told: string[];

beforeEach(() => {
  told = [];
  vi.spyOn(console, 'warn').mockImplementation((text: string) => void told.push(text));
});
afterEach(() => {
  vi.unstubAllGlobals();
  document.querySelector('polyglot-widget')?.remove();
});

function put(attributes: Record<string, string> = {}): ShadowRoot {
  const script = document.createElement('script');
  // No module can be fetched from there: what a browser does that is not let in.
  script.src = 'http://127.0.0.1:9/widget.js';
  for (const [name, value] of Object.entries(attributes)) script.setAttribute(name, value);
  widget = start(script);
  return document.querySelector('polyglot-widget')?.shadowRoot as ShadowRoot;
}

const words = (root: ShadowRoot): string => root.querySelector('[role=status]')?.textContent ?? '';

it('is a button that opens a named panel, and gives the focus back', async () => {
  vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new TypeError('network')));
  const root = put({ 'data-language': 'de' });
  const launcher = root.querySelector<HTMLButtonElement>('.launcher');
  const panel = root.querySelector<HTMLElement>('[role=dialog]');
  expect([launcher?.textContent, launcher?.getAttribute('aria-expanded'), panel?.hidden]).toEqual([
    'Flüge per Sprache finden',
    'false',
    true,
  ]);
  launcher?.click();
  expect([launcher?.getAttribute('aria-expanded'), panel?.hidden]).toEqual(['true', false]);
  expect(root.activeElement).toBe(panel);
  root.querySelector<HTMLButtonElement>('.close')?.click();
  expect([launcher?.getAttribute('aria-expanded'), panel?.hidden]).toEqual(['false', true]);
  expect(root.activeElement).toBe(launcher);
});

it('says that this site is not let in, where the service is there', async () => {
  vi.stubGlobal('fetch', vi.fn().mockResolvedValue(new Response()));
  const root = put();
  await widget.open();
  expect(words(root)).toContain('This site has not been allowed');
  expect(told.join()).toContain('POLYGLOT_CORS_ORIGINS');
});

it('says that the service is not there, and tries again when it is opened again', async () => {
  const fetched = vi.fn().mockRejectedValue(new TypeError('network'));
  vi.stubGlobal('fetch', fetched);
  const root = put();
  await widget.open();
  expect(words(root)).toContain('cannot be reached right now');
  widget.close();
  await widget.open();
  expect(fetched).toHaveBeenCalledTimes(2);
});

it('asks the page around for a token before it asks for anything else', async () => {
  const fetched = vi.fn().mockResolvedValue(new Response('no', { status: 500 }));
  vi.stubGlobal('fetch', fetched);
  put({ 'data-page-token-url': '/voice-token' });
  await widget.open();
  expect(fetched.mock.calls[0]?.[0]).toBe('/voice-token');
});

it('comes back into a page that has taken it away, closed, and stays in one that replaces its body', async () => {
  vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new TypeError('network')));
  const root = put();
  await widget.open();
  const panel = root.querySelector<HTMLElement>('[role=dialog]');
  expect(panel?.hidden).toBe(false);
  // It stands beside the body: what replaces that takes nothing away.
  document.body.replaceChildren();
  expect(panel?.hidden).toBe(false);
  const away = (): void => document.querySelector('polyglot-widget')?.remove();
  away();
  expect(panel?.hidden).toBe(true);
  widget.attach();
  widget.attach();
  expect(document.querySelectorAll('polyglot-widget')).toHaveLength(1);
  away();
  await widget.open();
  expect([document.querySelectorAll('polyglot-widget').length, panel?.hidden]).toEqual([1, false]);
});
