/** What a company writes on the widget's script tag. Everything may be left out. */
import { type PageLanguage, preferredLanguage } from '@/i18n/languages.ts';

export type Options = {
  /** Origin that the script came from: there is the API. */
  api: string;
  language: PageLanguage;
  /** `system`: as the device. */
  theme: 'system' | 'light' | 'dark';
  /** CSS custom properties of the page, by name without dashes: accent, paper, … */
  look: Record<string, string>;
  side: 'left' | 'right';
  /** Words of the button; empty: ours. */
  label: string;
  persona: string;
  /** A page token, or the address where the page's own server hands one out. */
  pageToken: string;
  pageTokenUrl: string;
};

const COLOURS = ['accent', 'onAccent', 'paper', 'surface', 'sunken', 'ink', 'muted', 'line'] as const;
const DASHED: Record<string, string> = { onAccent: 'on-accent' };

type Wrong = (text: string) => void;

/** The colours, roundings and letters of the page around. */
function lookOf(dataset: DOMStringMap, wrong: Wrong): Record<string, string> {
  const look: Record<string, string> = {};
  for (const name of COLOURS) {
    const given = dataset[name];
    const dashed = DASHED[name] ?? name;
    if (given === undefined) continue;
    if (CSS.supports('color', given)) look[dashed] = given;
    else wrong(`data-${dashed}="${given}" is not a colour of CSS`);
  }
  if (dataset.radius) look.radius = dataset.radius;
  if (dataset.font) look.font = dataset.font;
  return look;
}

/** The language asked for, else that of the page around, else the browser's. */
function languageOf(wanted: string | undefined, wrong: Wrong): PageLanguage {
  if (!wanted) return preferredLanguage([document.documentElement.lang, ...navigator.languages]);
  const language = preferredLanguage([wanted]);
  if (wanted.split('-')[0] !== language.split('-')[0]) {
    wrong(`data-language="${wanted}" is none of the page's languages; it is in ${language}`);
  }
  return language;
}

/** Reads the tag; `wrong` is told what was written that means nothing, so that the page's author can mend it. */
export function optionsOf(script: HTMLScriptElement, wrong: Wrong): Options {
  const { dataset } = script;
  const oneOf = <T extends string>(name: string, allowed: readonly [T, ...T[]]): T => {
    const given = dataset[name];
    const found = allowed.find((value) => value === given);
    if (given !== undefined && !found) wrong(`data-${name}="${given}" is none of: ${allowed.join(', ')}`);
    return found ?? allowed[0];
  };
  return {
    api: new URL(script.src).origin,
    language: languageOf(dataset.language, wrong),
    theme: oneOf('theme', ['system', 'light', 'dark']),
    look: lookOf(dataset, wrong),
    side: oneOf('side', ['right', 'left']),
    label: dataset.label ?? '',
    persona: dataset.persona ?? '',
    pageToken: dataset.pageToken ?? '',
    pageTokenUrl: dataset.pageTokenUrl ?? '',
  };
}
