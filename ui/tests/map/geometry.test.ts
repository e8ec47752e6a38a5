import { describe, expect, it } from 'vitest';
import { distanceKm, frameOf, greatCircle, landPath, type Position, turnsOf } from '@/features/map/geometry.ts';
import land from '@/features/map/land.json' with { type: 'json' };

const MAD: Position = [-3.5676, 40.4719];
const NRT: Position = [140.3864, 35.7653];
const LAX: Position = [-118.4081, 33.9425];
const SYD: Position = [151.1772, -33.9461];

/** Great circle mapper's, to the kilometre. */
it.each([
  [MAD, NRT, 10_793],
  [LAX, NRT, 8_752],
  [LAX, SYD, 12_061],
])('is as far as others say', (from, to, expected) => {
  expect(Math.abs(distanceKm(from, to) - expected) / expected).toBeLessThan(0.005);
});

describe('a great circle', () => {
  it('begins and ends where the flight does, and goes north between', () => {
    const line = greatCircle(MAD, NRT);
    expect(line[0]?.[0]).toBeCloseTo(MAD[0], 6);
    expect(line.at(-1)?.[1]).toBeCloseTo(NRT[1], 6);
    expect(Math.max(...line.map(([, latitude]) => latitude))).toBeGreaterThan(65);
  });

  it('crosses the date line in one piece', () => {
    const line = greatCircle(LAX, SYD);
    const jumps = line.slice(1).map(([longitude], index) => Math.abs(longitude - (line[index]?.[0] ?? 0)));
    expect(Math.max(...jumps)).toBeLessThan(20);
    expect(line.at(-1)?.[0]).toBeCloseTo(SYD[0] - 360, 6);
    expect(turnsOf(frameOf(line))).toEqual([-360, 0]);
  });

  it('is a point where nothing is flown', () => {
    expect(greatCircle(MAD, MAD)).toEqual([MAD, MAD]);
  });
});

it('a frame has all of the line in it, and room for a short one', () => {
  const line = greatCircle(MAD, NRT);
  const frame = frameOf(line);
  for (const [longitude, latitude] of line) {
    expect(longitude > frame.left && longitude < frame.right).toBe(true);
    expect(latitude < frame.top && latitude > frame.bottom).toBe(true);
  }
  expect(frameOf([MAD]).top - frameOf([MAD]).bottom).toBeGreaterThanOrEqual(4);
});

it('land is where land is: rings that close, all over the world', () => {
  expect(land.length).toBeGreaterThan(100);
  const path = landPath(land);
  expect(path.match(/z/g)).toHaveLength(land.length);
  for (const ring of land) {
    const steps = ring.split(' ').map(Number);
    expect(steps.every(Number.isFinite)).toBe(true);
    const sum = (from: number): number =>
      steps.slice(2).reduce((all, step, at) => (at % 2 === from ? all + step : all), 0);
    expect([sum(0), sum(1)]).toEqual([0, 0]);
  }
});
