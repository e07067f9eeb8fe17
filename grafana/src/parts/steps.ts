import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';

export const GREEN = 'green';
export const ORANGE = 'orange';
export const RED = 'red';

type Steps = dashboard.Threshold[];

/** Orange and red from these values on. */
export function badAbove(warning: number, critical?: number): Steps {
  const red = critical === undefined ? [] : [{ value: critical, color: RED }];
  return [{ value: null, color: GREEN }, { value: warning, color: ORANGE }, ...red];
}

/** Green from this value on, red below. */
export function badBelow(good: number): Steps {
  return [
    { value: null, color: RED },
    { value: good, color: GREEN },
  ];
}

/** No judgement. */
export const PLAIN: Steps = [{ value: null, color: 'text' }];
