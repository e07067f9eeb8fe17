import { formatJson } from './json.ts';
import { formatLogfmt } from './logfmt.ts';
import { RepeatLimit } from './repeat-limit.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const LOG_FORMATS = ['logfmt', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** An Error is written as its message with its causes; an undefined field is left out. */
export type LogValue = string | number | boolean | bigint | Error | undefined;
export type LogFields = Readonly<Record<string, LogValue>>;

/** One line of the log before it is written. */
export interface LogRecord {
  readonly ts: string;
  readonly level: LogLevel;
  readonly msg: string;
  readonly fields: readonly (readonly [name: string, value: string | number | boolean])[];
}

/**
 * `msg` is a fixed sentence and what changes is in the fields. Lines that say the same (`msg` and all fields that are
 * text) are written at most once a minute, except those of level debug, so that a scrape a second fills no disk.
 */
export interface Log {
  debug(msg: string, fields?: LogFields): void;
  info(msg: string, fields?: LogFields): void;
  warn(msg: string, fields?: LogFields): void;
  error(msg: string, fields?: LogFields): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Takes whole lines, each with its newline. Default: stderr. */
  readonly write?: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** A log that writes lines in the given format, from the given level on. */
export function createLog(options: LogOptions): Log {
  const { write = writeToStderr, now = Date.now } = options;
  const threshold = LOG_LEVELS.indexOf(options.level);
  const format = options.format === 'json' ? formatJson : formatLogfmt;
  const limit = new RepeatLimit();

  const put = (level: LogLevel, msg: string, fields: LogFields): void => {
    if (LOG_LEVELS.indexOf(level) < threshold) return;
    const at = now();
    const written = writtenFields(fields);
    if (level !== 'debug') {
      const heldBack = limit.pass(`${level} ${msg}`, sameness(written), at);
      if (heldBack === undefined) return;
      if (heldBack > 0) written.push(['held_back', heldBack]);
    }
    write(`${format({ ts: new Date(at).toISOString(), level, msg, fields: written })}\n`);
  };

  return {
    debug: (msg, fields = {}) => {
      put('debug', msg, fields);
    },
    info: (msg, fields = {}) => {
      put('info', msg, fields);
    },
    warn: (msg, fields = {}) => {
      put('warn', msg, fields);
    },
    error: (msg, fields = {}) => {
      put('error', msg, fields);
    },
  };
}

/** A log that says nothing, for the library and for tests. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** An error's message, followed by those of its causes that say something new. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.message === '' ? error.name : error.message;
  const cause = error.cause === undefined ? '' : errorText(error.cause);
  return cause === '' || text.includes(cause) ? text : `${text}: ${cause}`;
}

type WrittenField = LogRecord['fields'][number];

function writtenFields(fields: LogFields): WrittenField[] {
  const written: WrittenField[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (value instanceof Error) written.push([name, errorText(value)]);
    else if (typeof value === 'bigint') written.push([name, String(value)]);
    else written.push([name, value]);
  }
  return written;
}

function sameness(fields: readonly WrittenField[]): string {
  return fields.map(([name, value]) => (typeof value === 'string' ? `${name}=${value}` : name)).join('\n');
}

let ignoresBrokenPipe = false;

function writeToStderr(line: string): void {
  if (!ignoresBrokenPipe) {
    // Whoever read the log may be gone: that must not end the program.
    process.stderr.on('error', () => undefined);
    ignoresBrokenPipe = true;
  }
  process.stderr.write(line);
}
