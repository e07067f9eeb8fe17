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

/** undefined where the text is not a stat line, which is also what a process that ends during the read can leave. */
export function parseStat(bytes: Buffer): ProcessStat | undefined {
  // The name may hold anything, `) R 1` and newlines too; nothing behind its own ')' can hold another.
  const open = bytes.indexOf('(');
  const close = bytes.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const fields = bytes
    .toString('latin1', close + 1)
    .trim()
    .split(' ');
  const [state = ''] = fields;
  const parentPid = decimal(fields[1]);
  const threads = decimal(fields[17]);
  const startTicks = decimal(fields[19]);
  if (!/^[A-Za-z]$/.test(state) || parentPid === undefined) return undefined;
  if (threads === undefined || startTicks === undefined) return undefined;
  return { comm: printable(bytes.subarray(open + 1, close)), state, parentPid, threads, startTicks };
}

/** A process that has ended and waits for its parent: it holds nothing. A leader with other threads has not ended. */
export function hasEnded(process: { readonly state: string; readonly threads: number }): boolean {
  return (process.state === 'Z' || process.state === 'X') && process.threads <= 1;
}

function decimal(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** The kernel keeps 15 bytes of a program's name; a longer one (some kernel threads) is cut there. */
const COMM_BYTES = 15;

function printable(bytes: Buffer): string {
  const text = bytes.toString('utf8', 0, Math.min(bytes.length, COMM_BYTES));
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}

/** How many processes and threads have been started since boot, from the text of /proc/stat. */
export function parseForks(text: string): number | undefined {
  return decimal(/^processes (\d+)$/m.exec(text)?.[1]);
}

/** Seconds since the epoch at boot, from the text of /proc/stat; it moves when the clock is set. */
export function parseBootTime(text: string): number | undefined {
  const match = /^btime (\d{1,12})$/m.exec(text);
  return match === null ? undefined : Number(match[1]);
}
