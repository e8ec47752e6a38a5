/** Whatever a company chooses can be read, in light and in dark. */
import { expect, it, vi } from 'vitest';
import { type ColourOf, completed, contrast, type Rgb, type Scheme } from '@/widget/colours.ts';

/** The page's own, as its style sheet has them. */
const OWN: Record<string, [light: Rgb, dark: Rgb]> = {
  paper: [
    [247, 246, 242],
    [17, 20, 19],
  ],
  surface: [
    [255, 255, 255],
    [25, 29, 28],
  ],
  sunken: [
    [239, 237, 230],
    [12, 15, 14],
  ],
  ink: [
    [23, 32, 30],
    [237, 241, 239],
  ],
  muted: [
    [85, 96, 92],
    [164, 175, 171],
  ],
  accent: [
    [11, 106, 96],
    [95, 211, 194],
  ],
  'on-accent': [
    [255, 255, 255],
    [4, 35, 31],
  ],
};
const NAMED: Record<string, Rgb> = {
  black: [0, 0, 0],
  white: [255, 255, 255],
  navy: [0, 0, 80],
  lemon: [255, 245, 150],
  grey: [128, 128, 128],
  plum: [122, 31, 162],
};
const read = (text: string, scheme: Scheme): Rgb => {
  const [light, dark] = [...text.matchAll(/rgb\((\d+) (\d+) (\d+)\)/g)].map((match) => match.slice(1).map(Number));
  return (scheme === 'light' ? light : dark) as unknown as Rgb;
};

const names = Object.keys(NAMED);
const looks: Record<string, string>[] = [
  ...names.map((accent) => ({ accent })),
  ...names.map((paper) => ({ paper })),
  ...names.flatMap((accent) => names.map((surface) => ({ accent, surface }))),
  ...names.map((ink) => ({ ink, paper: 'white' })),
  ...names.map((given) => ({ accent: given, 'on-accent': given, ink: given, muted: given })),
];

it.each(looks)('%o can be read', (look) => {
  const of: ColourOf = (name, scheme) =>
    (look[name] ? NAMED[look[name]] : OWN[name]?.[scheme === 'light' ? 0 : 1]) ?? [0, 0, 0];
  const made = completed(look, of, vi.fn());
  for (const scheme of ['light', 'dark'] as const) {
    const colour = (name: string): Rgb => (made[name] ? read(made[name], scheme) : of(name, scheme));
    for (const ground of ['paper', 'surface', 'sunken'].map(colour)) {
      for (const words of ['ink', 'muted', 'accent-ink']) expect(contrast(colour(words), ground)).toBeGreaterThan(4.49);
    }
    expect(contrast(colour('on-accent'), colour('accent'))).toBeGreaterThan(4.49);
    // What was chosen as a ground, and to be pressed, stays as it was chosen.
    for (const name of ['accent', 'paper', 'surface']) {
      if (look[name]) expect(colour(name)).toEqual(NAMED[look[name]]);
    }
  }
});

it('says which colour could not stay, and leaves alone what can be read', () => {
  const wrong = vi.fn();
  const of: ColourOf = (name, scheme) =>
    name === 'ink' ? [200, 200, 200] : (OWN[name]?.[scheme === 'light' ? 0 : 1] ?? [0, 0, 0]);
  completed({ ink: '#c8c8c8' }, of, wrong);
  expect(wrong.mock.calls.join()).toContain('data-ink="#c8c8c8"');
  wrong.mockClear();
  const own: ColourOf = (name, scheme) => OWN[name]?.[scheme === 'light' ? 0 : 1] ?? [0, 0, 0];
  const made = completed({ accent: 'teal' }, own, wrong);
  expect(wrong).not.toHaveBeenCalled();
  expect(read(made['accent-ink'] ?? '', 'light')).toEqual(OWN.accent?.[0]);
});
