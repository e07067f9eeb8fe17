const SECONDS_OF = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 } as const;
const DURATION = /^(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?$/u;

/** Seconds of a duration as Prometheus writes it: 1h30m. Throws where it is none, or 0. */
export function parseDuration(text: string): number {
  let seconds = 0;
  if (DURATION.test(text)) {
    for (const [, count, unit] of text.matchAll(/(\d+)([wdhms])/gu)) {
      seconds += Number(count) * SECONDS_OF[unit as keyof typeof SECONDS_OF];
    }
  }
  if (seconds === 0) throw new Error(`"${text}" is no duration: write it like 30s, 5m, 1h30m or 1d`);
  return seconds;
}

/** The shortest way to write whole seconds: 5400 is 1h30m. */
export function formatDuration(seconds: number): string {
  let rest = seconds;
  let text = '';
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const count = Math.floor(rest / SECONDS_OF[unit]);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * SECONDS_OF[unit];
  }
  return text;
}

/** `count` times a duration: 3 times 30m is 1h30m. */
export function multiply(duration: string, count: number): string {
  return formatDuration(parseDuration(duration) * count);
}
