import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { RunningExporter } from '../support/start-exporter.ts';

/** The process with the HTTP server, and the one that it has forked to read. */
export interface ExporterPids {
  readonly server: number;
  readonly reader: number;
}

/** Throws where there is not exactly one reader. */
export function pidsOf({ process }: RunningExporter): ExporterPids {
  const server = process.pid ?? 0;
  const [reader, ...more] = childrenOf(server);
  if (reader === undefined || more.length > 0) throw new Error(`${more.length + 1} readers instead of one`);
  return { server, reader };
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** Everything of both processes that could pile up. */
export interface Holdings {
  readonly processes: number;
  readonly threads: number;
  readonly descriptors: number;
}

export function holdingsOf(exporter: RunningExporter): Holdings {
  const server = exporter.process.pid ?? 0;
  const pids = [server, ...childrenOf(server)];
  const count = (folder: string): number =>
    pids.reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/${folder}`).length, 0);
  return { processes: pids.length, threads: count('task'), descriptors: count('fd') };
}

/** What a process has resident, and the most since it started or forgetPeak() was called, in bytes (proc_pid_status(5)). */
export function residentBytes(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

/** Lets the peak begin anew (proc_pid_clear_refs(5)). */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** Scrapes until nothing changes any more: threads are started and files opened when they are needed first. */
export async function settledHoldings(exporter: RunningExporter, scrape: () => Promise<unknown>): Promise<Holdings> {
  let last = holdingsOf(exporter);
  for (let same = 0; same < 15;) {
    await scrape();
    const now = holdingsOf(exporter);
    same = isDeepStrictEqual(now, last) ? same + 1 : 0;
    last = now;
  }
  return last;
}
