/** A number that moves with time, in seconds since the world began. Asked with times that never go back. */
export type Curve = (seconds: number) => number;

export type Point = readonly [seconds: number, value: number];

/** The value of the last point; 0 before the first. */
export function steps(points: readonly Point[]): Curve {
  const before = cursor(points);
  return (seconds) => points[before(seconds)]?.[1] ?? 0;
}

/** Straight lines from point to point; 0 before the first, the last one's value after it. */
export function lines(points: readonly Point[]): Curve {
  const before = cursor(points);
  return (seconds) => {
    const index = before(seconds);
    const from = points[index];
    if (from === undefined) return 0;
    const to = points[index + 1];
    if (to === undefined) return from[1];
    return from[1] + ((to[1] - from[1]) * (seconds - from[0])) / (to[0] - from[0]);
  };
}

/** Gives the index of the last point that is not after a time; -1 before the first. */
function cursor(points: readonly Point[]): (seconds: number) => number {
  let index = -1;
  return (seconds) => {
    while ((points[index + 1]?.[0] ?? Infinity) <= seconds) index++;
    return index;
  };
}
