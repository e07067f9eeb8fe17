import { parseStat } from '../../sources/procfs/parse-stat.ts';
import { parseStatus } from '../../sources/procfs/parse-status.ts';
import type { Pseudonyms } from './pseudonyms.ts';

/** The line of /proc/<pid>/stat to its 22nd field, with another name; undefined where it is no such line. */
export function redactStat(bytes: Buffer, names: Pseudonyms): string | undefined {
  const stat = parseStat(bytes);
  if (stat === undefined) return undefined;
  const pid = bytes.toString('latin1', 0, bytes.indexOf('(')).trim();
  // What is behind the name is numbers; field 3 is the first of them.
  const fields = bytes
    .toString('latin1', bytes.lastIndexOf(')') + 2)
    .trim()
    .split(' ')
    .slice(0, 20);
  return `${pid} (${names.name('process', stat.comm)}) ${fields.join(' ')}\n`;
}

/** What is used of /proc/<pid>/status; undefined where it is no such text. */
export function redactStatus(text: string): string | undefined {
  const status = parseStatus(text);
  if (status === undefined) return undefined;
  const { state, threads, namespacePids } = status;
  const numbers = namespacePids.length === 0 ? [] : [`NSpid:\t${namespacePids.join('\t')}`];
  return [`State:\t${state}`, ...numbers, `Threads:\t${threads}`, ''].join('\n');
}
