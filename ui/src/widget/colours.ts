/**
 * A company's colours, made readable: what is written on them, and what is written in them, in light and in dark, stands
 * out by WCAG's measure, whatever was chosen.
 */

export type Rgb = readonly [red: number, green: number, blue: number];
export type Scheme = 'light' | 'dark';
/** A colour of the page by its name without dashes, as it is in a scheme. */
export type ColourOf = (name: string, scheme: Scheme) => Rgb;

const WORDS = 4.5;
const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
const SCHEMES = ['light', 'dark'] as const;

function luminance([red, green, blue]: Rgb): number {
  const linear = (value: number): number => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** How two colours look beside each other: WCAG's contrast of relative luminances. */
export function contrast(one: Rgb, other: Rgb): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

const least = (colour: Rgb, grounds: readonly Rgb[]): number =>
  Math.min(...grounds.map((ground) => contrast(colour, ground)));

const mixed = (one: Rgb, other: Rgb, share: number): Rgb =>
  one.map((value, index) => Math.round(value + ((other[index] ?? 0) - value) * share)) as unknown as Rgb;

/** Black or white, whichever stands out more on all of these. */
const extreme = (grounds: readonly Rgb[]): Rgb => (least(WHITE, grounds) >= least(BLACK, grounds) ? WHITE : BLACK);

/** The colour itself where it can be read on all grounds, else as little nearer to `towards` as will do. */
function readable(colour: Rgb, grounds: readonly Rgb[], towards: Rgb): Rgb {
  const steps = Array.from({ length: 21 }, (_, index) => mixed(colour, towards, index / 20));
  return steps.find((step) => least(step, grounds) >= WORDS) ?? towards;
}

/** The colour itself, or what stands out most. */
const kept = (colour: Rgb, grounds: readonly Rgb[]): Rgb =>
  least(colour, grounds) >= WORDS ? colour : extreme(grounds);

const written = (colour: Rgb): string => `rgb(${colour.join(' ')})`;

function inScheme(given: Record<string, string>, of: ColourOf, scheme: Scheme): Record<string, Rgb> {
  const made: Record<string, Rgb> = {};
  const colour = (name: string): Rgb => made[name] ?? of(name, scheme);
  // A company that names one ground means all of them.
  const ground = ['paper', 'surface', 'sunken'].find((name) => given[name]);
  if (ground) {
    for (const name of ['paper', 'surface', 'sunken']) {
      if (!given[name])
        made[name] = mixed(of(ground, scheme), extreme([of(ground, scheme)]), name === 'sunken' ? 0.05 : 0);
    }
  }
  const grounds = ['paper', 'surface', 'sunken'].map(colour);
  made.ink = kept(colour('ink'), grounds);
  made.muted = readable(colour('muted'), grounds, made.ink);
  made['accent-ink'] = readable(colour('accent'), grounds, made.ink);
  made['on-accent'] = kept(colour('on-accent'), [colour('accent')]);
  return made;
}

/** What must be set beside the given colours; `wrong` is told of a given one that could not be read. */
export function completed(
  given: Record<string, string>,
  of: ColourOf,
  wrong: (text: string) => void,
): Record<string, string> {
  const made = { light: inScheme(given, of, 'light'), dark: inScheme(given, of, 'dark') };
  const names = Object.keys(made.light).filter((name) =>
    SCHEMES.some((scheme) => !given[name] || written(made[scheme][name] ?? BLACK) !== written(of(name, scheme))),
  );
  for (const name of names) {
    if (given[name])
      wrong(`data-${name}="${given[name]}" cannot be read on the other colours; it is another one where it must`);
  }
  return Object.fromEntries(
    names.map((name) => [
      name,
      `light-dark(${SCHEMES.map((scheme) => written(made[scheme][name] ?? BLACK)).join(', ')})`,
    ]),
  );
}

/** Reads the colours of an element, in either scheme, as the browser paints them. */
export function coloursOf(frame: HTMLElement): ColourOf {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [1, 1];
  const brush = canvas.getContext('2d', { willReadFrequently: true });
  return (name, scheme) => {
    const probe = document.createElement('i');
    probe.style.colorScheme = scheme;
    probe.style.color = `var(--${name})`;
    frame.append(probe);
    const painted = getComputedStyle(probe).color;
    probe.remove();
    if (!brush) return BLACK;
    brush.fillStyle = painted;
    brush.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = brush.getImageData(0, 0, 1, 1).data;
    return [red, green, blue];
  };
}
