import { afterEach, expect, it, vi } from 'vitest';
import { optionsOf } from '@/widget/options.ts';

afterEach(() => vi.unstubAllGlobals());

function tag(attributes: Record<string, string>): HTMLScriptElement {
  const script = document.createElement('script');
  for (const [name, value] of Object.entries({ src: 'https://voice.example.com/widget.js', ...attributes })) {
    script.setAttribute(name, value);
  }
  return script;
}

/** happy-dom takes everything for a colour. */
function colours(...names: string[]): void {
  vi.stubGlobal('CSS', { supports: (_: string, value: string) => names.includes(value) });
}

it('needs nothing but its address', () => {
  const wrong = vi.fn();
  expect(optionsOf(tag({}), wrong)).toEqual({
    api: 'https://voice.example.com',
    language: 'en',
    theme: 'system',
    look: {},
    side: 'right',
    label: '',
    persona: '',
    pageToken: '',
    pageTokenUrl: '',
  });
  expect(wrong).not.toHaveBeenCalled();
});

it('takes colours, language, side and token of the tag', () => {
  colours('#7a1fa2', 'white');
  const wrong = vi.fn();
  const options = optionsOf(
    tag({
      'data-accent': '#7a1fa2',
      'data-on-accent': 'white',
      'data-language': 'pt-BR',
      'data-side': 'left',
      'data-theme': 'dark',
      'data-page-token': 'abc',
    }),
    wrong,
  );
  expect(options).toMatchObject({
    look: { accent: '#7a1fa2', 'on-accent': 'white' },
    language: 'pt',
    side: 'left',
    theme: 'dark',
    pageToken: 'abc',
  });
  expect(wrong).not.toHaveBeenCalled();
});

it('says what on the tag means nothing, and goes on without it', () => {
  colours();
  const wrong = vi.fn();
  const options = optionsOf(
    tag({ 'data-accent': 'url(x)', 'data-language': 'ko', 'data-side': 'top', 'data-theme': 'blue' }),
    wrong,
  );
  expect(options).toMatchObject({ look: {}, language: 'en', side: 'right', theme: 'system' });
  expect(wrong.mock.calls.flat()).toEqual([
    'data-language="ko" is none of the page\'s languages; it is in en',
    'data-theme="blue" is none of: system, light, dark',
    'data-accent="url(x)" is not a colour of CSS',
    'data-side="top" is none of: right, left',
  ]);
});

it('speaks the language of the page around where the tag names none', () => {
  document.documentElement.lang = 'fr-CH';
  expect(optionsOf(tag({}), vi.fn()).language).toBe('fr');
  document.documentElement.lang = 'en';
});
