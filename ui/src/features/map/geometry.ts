/** Great circles on a flat map: positions in degrees, `[longitude, latitude]`; all of it without a network. */

export type Position = readonly [longitude: number, latitude: number];

const EARTH_KM = 6371;
const rad = (degrees: number): number => (degrees * Math.PI) / 180;
const deg = (radians: number): number => (radians * 180) / Math.PI;

/** Kilometres along the great circle. */
export function distanceKm([lon1, lat1]: Position, [lon2, lat2]: Position): number {
  const half =
    Math.sin(rad(lat2 - lat1) / 2) ** 2 +
    Math.cos(rad(lat1)) * Math.cos(rad(lat2)) * Math.sin(rad(lon2 - lon1) / 2) ** 2;
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(half)));
}

/** The great circle as points. Longitudes go on over 180 degrees, so that a line across the date line stays one. */
export function greatCircle(from: Position, to: Position, steps = 48): Position[] {
  const angle = distanceKm(from, to) / EARTH_KM;
  // The same place, or its antipode, to which every way is as short.
  if (Math.sin(angle) < 1e-6) return [from, to];
  const vector = ([lon, lat]: Position): number[] => [
    Math.cos(rad(lat)) * Math.cos(rad(lon)),
    Math.cos(rad(lat)) * Math.sin(rad(lon)),
    Math.sin(rad(lat)),
  ];
  const [a, b] = [vector(from), vector(to)];
  const points: Position[] = [];
  let before = from[0];
  for (let step = 0; step <= steps; step++) {
    const [wa, wb] = [
      Math.sin(((steps - step) / steps) * angle) / Math.sin(angle),
      Math.sin((step / steps) * angle) / Math.sin(angle),
    ];
    const [x = 0, y = 0, z = 0] = a.map((value, axis) => wa * value + wb * (b[axis] ?? 0));
    const longitude = unwrapped(deg(Math.atan2(y, x)), before);
    points.push([longitude, deg(Math.asin(Math.max(-1, Math.min(1, z))))]);
    before = longitude;
  }
  return points;
}

/** The same longitude, as near to another one as it can be said. */
export const unwrapped = (longitude: number, near: number): number =>
  longitude - 360 * Math.round((longitude - near) / 360);

export type Frame = { left: number; right: number; top: number; bottom: number };

const LEAST_DEGREES = 8;
const MARGIN = 0.12;
/** Width by height. */
const SHAPE = 2;

/** The part of the world that shows all the points, with room around them, in the shape of the map. */
export function frameOf(points: readonly Position[]): Frame {
  const longitudes = points.map(([longitude]) => longitude);
  const latitudes = points.map(([, latitude]) => latitude);
  const middle = (values: number[]): number => (Math.min(...values) + Math.max(...values)) / 2;
  const extent = (values: number[]): number =>
    Math.max(LEAST_DEGREES, (Math.max(...values) - Math.min(...values)) * (1 + 2 * MARGIN));
  const [across, up] = [middle(longitudes), middle(latitudes)];
  // A degree of longitude is shorter the farther from the equator.
  const squeeze = Math.max(0.2, Math.cos(rad(up)));
  const height = Math.max(extent(latitudes), (extent(longitudes) * squeeze) / SHAPE);
  const width = (height * SHAPE) / squeeze;
  return { left: across - width / 2, right: across + width / 2, top: up + height / 2, bottom: up - height / 2 };
}

/** Rings of steps in tenths of a degree, as `land.json` has them, as an SVG path in degrees with north up. */
export const landPath = (rings: readonly string[]): string => rings.map(ringPath).join('');

function ringPath(ring: string): string {
  const steps = ring.split(' ').map(Number);
  const [x = 0, y = 0] = steps;
  const parts: string[] = [`M${x / 10} ${-y / 10}`];
  for (let at = 2; at + 1 < steps.length; at += 2) {
    parts.push(`l${(steps[at] ?? 0) / 10} ${-(steps[at + 1] ?? 0) / 10}`);
  }
  return `${parts.join('')}z`;
}

/** Whole turns by which the land must be drawn again to fill a frame over the date line. */
export function turnsOf({ left, right }: Frame): number[] {
  const turns: number[] = [];
  for (let turn = Math.floor((left + 180) / 360); turn <= Math.floor((right + 180) / 360); turn++)
    turns.push(turn * 360);
  return turns;
}
