import type { PcieErrorCount } from './types.ts';

// Every scrape reads a thousand of these files: plain loops, no regular expressions and few objects.

const ZERO = 0x30;
const NINE = 0x39;
/** PCIe has no faster link by far. */
const FASTEST_LINK = 1e12;

/** The length without the spaces and newlines at the end. */
function trimmedLength(text: string): number {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) <= 0x20) end--;
  return end;
}

function parseDigits(text: string, start: number, end: number): number | undefined {
  if (start >= end) return undefined;
  let value = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code < ZERO || code > NINE) return undefined;
    value = value * 10 + (code - ZERO);
  }
  return Number.isSafeInteger(value) ? value : undefined;
}

/** A decimal integer with an optional minus; undefined for other text and beyond 2^53. */
export function parseInteger(text: string): number | undefined {
  const end = trimmedLength(text);
  if (text.charCodeAt(0) !== 0x2d) return parseDigits(text, 0, end);
  const value = parseDigits(text, 1, end);
  return value === undefined || value === 0 ? value : -value;
}

/** A decimal integer that fits in 32 bits unsigned. */
export function parseU32(text: string): number | undefined {
  const value = parseDigits(text, 0, trimmedLength(text));
  return value !== undefined && value <= 0xffffffff ? value : undefined;
}

function isHex(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    const letter = code | 0x20;
    if (!((code >= ZERO && code <= NINE) || (letter >= 0x61 && letter <= 0x66))) return false;
  }
  return end > start;
}

/** `0x1e52`, as the PCI ids are printed: up to four hex digits. */
export function parseHexWord(text: string): number | undefined {
  const end = trimmedLength(text);
  if (!text.startsWith('0x') || end > 6 || !isHex(text, 2, end)) return undefined;
  return Number.parseInt(text.slice(2, end), 16);
}

/** `%08X%08X` of the driver: 16 hex digits, the high word first. */
export function parseId(text: string): bigint | undefined {
  const end = trimmedLength(text);
  return end === 16 && isHex(text, 0, end) ? BigInt(`0x${text.slice(0, end)}`) : undefined;
}

/** Three or four decimal numbers with points between them, each at most 4095 (the widest field has 12 bits). */
export function parseVersion(text: string): string | undefined {
  const version = text.slice(0, trimmedLength(text));
  let parts = 0;
  let start = 0;
  while (start <= version.length) {
    const point = version.indexOf('.', start);
    const end = point < 0 ? version.length : point;
    const part = parseDigits(version, start, end);
    if (part === undefined || part > 4095 || end - start > 4) return undefined;
    parts++;
    start = end + 1;
  }
  return parts === 3 || parts === 4 ? version : undefined;
}

/** A word of letters, digits, `.`, `-`, `_`, `+`, `~`: a board's or a version's name. Empty text is undefined. */
export function parseWord(text: string): string | undefined {
  const word = text.slice(0, trimmedLength(text));
  return /^[\w.+~-]{1,64}$/.test(word) ? word : undefined;
}

/** `236:0`: major and minor of a character device. */
export function parseDeviceNumber(text: string): { major: number; minor: number } | undefined {
  const colon = text.indexOf(':');
  const major = parseDigits(text, 0, colon);
  const minor = parseDigits(text, colon + 1, trimmedLength(text));
  return major === undefined || minor === undefined ? undefined : { major, minor };
}

/** Transfers per second of `16.0 GT/s PCIe`; undefined for `Unknown` and other text (linux: pci_speed_string). */
export function parseLinkSpeed(text: string): number | undefined {
  const unit = text.indexOf(' GT/s');
  if (unit < 1) return undefined;
  const hasTenths = text.charCodeAt(unit - 2) === 0x2e;
  const whole = parseDigits(text, 0, hasTenths ? unit - 2 : unit);
  const tenths = hasTenths ? parseDigits(text, unit - 1, unit) : 0;
  if (whole === undefined || tenths === undefined) return undefined;
  const speed = (whole * 10 + tenths) * 1e8;
  return speed > 0 && speed <= FASTEST_LINK ? speed : undefined;
}

/** What an AER file says, by the kernel's name of the error. */
export interface AerCounts {
  readonly counts: readonly { readonly error: string; readonly count: number }[];
  /** Lines that say something else. */
  readonly malformedLines: number;
}

/**
 * `aer_dev_*`: a name and a count a line (linux: drivers/pci/pcie/aer.c). Old kernels have names with spaces in them:
 * the count is after the last. The TOTAL lines are the sum of the others and are left out; a name that comes twice is
 * added up.
 */
export function parseAer(text: string): AerCounts {
  const counts = new Map<string, number>();
  let malformedLines = 0;
  for (const line of text.split('\n')) {
    const end = trimmedLength(line);
    if (end === 0) continue;
    const space = line.lastIndexOf(' ', end - 1);
    const name = line.slice(0, Math.max(space, 0)).trim();
    const count = parseDigits(line, space + 1, end);
    if (count === undefined || !isErrorName(name)) malformedLines++;
    else if (!name.startsWith('TOTAL_')) counts.set(name, Math.min((counts.get(name) ?? 0) + count, 2 ** 53 - 1));
  }
  return { counts: Array.from(counts, ([error, count]) => ({ error, count })), malformedLines };
}

function isErrorName(name: string): boolean {
  return /^[ -~]{1,64}$/.test(name);
}

export function withSeverity(aer: AerCounts, severity: PcieErrorCount['severity']): PcieErrorCount[] {
  return aer.counts.map(({ error, count }) => ({ severity, error, count }));
}
