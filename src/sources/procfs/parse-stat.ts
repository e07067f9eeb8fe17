/** What is used of /proc/<pid>/stat (linux: Documentation/filesystems/proc.rst, table 1-4). */
export interface ProcessStat {
  /** Printable; what cannot be printed is U+FFFD. */
  readonly comm: string;
  /** One letter; `Z` is a zombie, of which other threads may still run. */
  readonly state: string;
  /** 0 for processes without a parent, and where it is in another PID namespace. */
  readonly parentPid: number;
  readonly threads: number;
  /** Field 22: start after boot in ticks of 1/100 s. With the PID it names a process for ever. */
  readonly startTicks: number;
}

/** Ticks a second in what the kernel shows to programs: USER_HZ, 100 on every architecture that has these cards. */
export const TICKS_PER_SECOND = 100;

/** By how much the start of one process may differ where two readings have taken the time of boot apart. */
const SAME_START_SECONDS = 1.5;

/** Whether two starts, in seconds since the epoch, can be of one process. */
export function isSameStart(one: number, other: number): boolean {
  return Math.abs(one - other) <= SAME_START_SECONDS;
}

/** Fields behind the name, from 0: field 3 of the manual is the first. */
const PARENT = 1;
const THREADS = 17;
const START = 19;

const SPACE = 0x20;
const ZERO = 0x30;
const MAX_DIGITS = 16;

/**
 * undefined where the text is not a stat line, which is also what a process that ends during the read can leave. Read byte by
 * byte: it is done for each process that holds anything, and of 50 fields four are wanted.
 */
export function parseStat(bytes: Buffer): ProcessStat | undefined {
  // The name may hold anything, `) R 1` and newlines too; nothing behind its own ')' can hold another.
  const open = bytes.indexOf('(');
  const close = bytes.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  let end = bytes.length;
  while (end > close + 1 && (bytes[end - 1] ?? 0) <= SPACE) end--;
  const first = close + 2;
  const state = bytes[first] ?? 0;
  if (bytes[close + 1] !== SPACE || !isLetter(state) || bytes[first + 1] !== SPACE) return undefined;
  let parentPid: number | undefined;
  let threads: number | undefined;
  let at = first + 2;
  for (let field = PARENT; field < START; field++) {
    const next = endOfField(bytes, at, end);
    if (field === PARENT) parentPid = decimal(bytes, at, next);
    else if (field === THREADS) threads = decimal(bytes, at, next);
    at = next + 1;
  }
  const startTicks = decimal(bytes, at, endOfField(bytes, at, end));
  if (parentPid === undefined || threads === undefined || startTicks === undefined) return undefined;
  const comm = printable(bytes.subarray(open + 1, close));
  return { comm, state: String.fromCharCode(state), parentPid, threads, startTicks };
}

function endOfField(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== SPACE) at++;
  return at;
}

/** undefined where these bytes are no decimal number. */
function decimal(bytes: Buffer, from: number, to: number): number | undefined {
  if (to <= from || to - from > MAX_DIGITS) return undefined;
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = 10 * value + digit;
  }
  return Number.isSafeInteger(value) ? value : undefined;
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** A process that has ended and waits for its parent: it holds nothing. A leader with other threads has not ended. */
export function hasEnded(process: { readonly state: string; readonly threads: number }): boolean {
  return (process.state === 'Z' || process.state === 'X') && process.threads <= 1;
}

/** The kernel keeps 15 bytes of a program's name; a longer one (some kernel threads) is cut there. */
const COMM_BYTES = 15;

function printable(bytes: Buffer): string {
  const length = Math.min(bytes.length, COMM_BYTES);
  if (isAscii(bytes, length)) return bytes.toString('latin1', 0, length);
  const text = bytes.toString('utf8', 0, length);
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}

function isAscii(bytes: Buffer, length: number): boolean {
  for (let at = 0; at < length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < SPACE || byte > 0x7e) return false;
  }
  return true;
}

/** How many processes and threads have been started since boot, from the text of /proc/stat. */
export function parseForks(text: string): number | undefined {
  const match = /^processes (\d{1,15})$/m.exec(text);
  return match === null ? undefined : Number(match[1]);
}

/** Seconds since the epoch at boot, from the text of /proc/stat; it moves when the clock is set. */
export function parseBootTime(text: string): number | undefined {
  const match = /^btime (\d{1,12})$/m.exec(text);
  return match === null ? undefined : Number(match[1]);
}
