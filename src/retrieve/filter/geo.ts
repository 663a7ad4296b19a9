// Areas on the sphere. Sines are summed here, in one order: `wasm/crates/filter/src/geo.rs` does the same and gives the same bits.

import type { Box, Point } from './tree.ts';
import { isObject } from './value.ts';

/** Metres from the centre of the earth. */
const EARTH = 6_371_008.8;
const DEGREE = Math.PI / 180;

/** What each term of the series of a sine is of the one before, but for the square of the angle; the last one first. */
const TERMS = Array.from({ length: 11 }, (_, i) => 1 / (2 * (11 - i) * (2 * (11 - i) + 1)));

/** The point that an object is: numbers `lat` and `lon` within their ranges. */
export function pointOf(value: unknown): Point | undefined {
  if (!isObject(value) || !Object.hasOwn(value, 'lat') || !Object.hasOwn(value, 'lon')) return undefined;
  const { lat, lon } = value;
  return isDegrees(lat, 90) && isDegrees(lon, 180) ? { lat, lon } : undefined;
}

export const isDegrees = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Math.abs(value) <= most;

/** Is a point so many metres or less from this one? */
export function within(centre: Point, radius: number): (point: Point) => boolean {
  const angle = radius / (2 * EARTH);
  const most = angle < Math.PI / 2 ? square(sine(angle)) : 1;
  const cosine = sine((90 - centre.lat) * DEGREE);
  return ({ lat, lon }) => {
    const across = square(sine(((lat - centre.lat) / 2) * DEGREE));
    const along = square(sine(((lon - centre.lon) / 2) * DEGREE));
    return across + cosine * sine((90 - lat) * DEGREE) * along <= most;
  };
}

export function inBox({ south, west, north, east }: Box, { lat, lon }: Point): boolean {
  const [after, before] = [lon >= west, lon <= east];
  return lat >= south && lat <= north && (west <= east ? after && before : after || before);
}

const square = (value: number): number => value * value;

/** The sine of an angle from -pi to pi: the first terms of its series, which are more than a number can hold. */
function sine(angle: number): number {
  const half = Math.PI / 2;
  let near = angle;
  if (angle > half) near = 2 * half - angle;
  else if (angle < -half) near = -2 * half - angle;
  const squared = near * near;
  return near * TERMS.reduce((sum, term) => 1 - sum * squared * term, 1);
}
