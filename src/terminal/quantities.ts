/** What stands for a number that is not known: never 0. */
export const UNKNOWN = '-';

const BYTE_UNITS = ['B', 'K', 'M', 'G', 'T', 'P'];

/** Bytes in at most 5 cells, in powers of 1024: `0`, `512B`, `1.5M`, `26.0G`, `1023M`. */
export function bytesText(bytes: number | undefined): string {
  if (bytes === undefined) return UNKNOWN;
  if (bytes === 0) return '0';
  let value = Math.abs(bytes);
  let unit = 0;
  // What would be rounded up to 1024 is shown in the next unit.
  while (value >= (unit === 0 ? 1024 : 1023.5) && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const number = unit > 0 && value < 99.95 ? value.toFixed(1) : value.toFixed(0);
  return `${bytes < 0 ? '-' : ''}${number}${BYTE_UNITS[unit] ?? ''}`;
}

/** Bytes with their full unit, for sentences: `640 MiB`. */
export function bytesWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const short = bytesText(bytes);
  return `${short.slice(0, -1).replace(/\.0$/, '')} ${short.slice(-1)}iB`;
}

/** A time in at most 5 cells: `45s`, `12m`, `3h20m`, `5d`. */
export function ageText(seconds: number | undefined): string {
  if (seconds === undefined) return UNKNOWN;
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 10) return `${hours}h${String(minutes % 60).padStart(2, '0')}m`;
  return hours < 100 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}

/** A share of 1 in percent: `3%`; one that is not 0 is not shown as 0, nor one below 1 as 100. */
export function percentText(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 1) return '<1%';
  if (percent < 100 && percent > 99) return '99%';
  return `${Math.round(percent)}%`;
}

/** `2026-11-21 14:20:05`, local time. */
export function timeText(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
