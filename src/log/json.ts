import type { LogRecord } from './log.ts';

/** One JSON object without a newline. A field that is named like `ts`, `level` or `msg` does not replace it. */
export function formatJson(record: LogRecord): string {
  const { ts, level, msg } = record;
  return JSON.stringify({ ...Object.fromEntries(record.fields), ts, level, msg });
}
