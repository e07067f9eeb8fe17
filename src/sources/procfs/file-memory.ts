import { ownPid } from './processes.ts';
import type { ProcessTable } from './processes.ts';
import type { WantedFile } from '../source.ts';

/** Where a process was seen to hold a file: it is looked at there first. */
export interface KnownHolder {
  readonly startTicks: number;
  /** Below /proc/<pid>: `fd/12`, or `maps`. */
  readonly link: string;
}

/** What is remembered of a wanted file between runs, to know what need not be read again. */
export interface FileMemory {
  readonly holders: Map<number, KnownHolder>;
  /** The last look through all processes; undefined where none came to its end, or a holder has left since. */
  scan: { readonly fingerprint: string; readonly complete: boolean; readonly at: number } | undefined;
  /** st_ctime of the file, from the stat() of a holder's descriptor in this run. */
  ctimeMs: number | undefined;
  /** st_ctime when the holders of devices were last looked through: each attach to a region moves it. */
  searchedCtimeMs: number | undefined;
}

/** A scan that was refused something may fare better later: the process may be gone. */
const RETRY_MS = 60_000;

/** st_ctime moves in steps of a kernel tick: a younger one may hide a second attach. */
const CTIME_STEP_MS = 20;

export function emptyMemory(): FileMemory {
  return { holders: new Map(), scan: undefined, ctimeMs: undefined, searchedCtimeMs: undefined };
}

/**
 * Whether all processes have to be looked through for this file: never done, a holder has left, or the file has changed
 * and names a PID that no known holder has as its own.
 */
export function needsScan(memory: FileMemory, wanted: WantedFile, table: ProcessTable, now: number): boolean {
  const { scan } = memory;
  if (scan === undefined) return true;
  if (!scan.complete && now - scan.at >= RETRY_MS) return true;
  return hasChanged(memory, wanted.fingerprint) && !isExplained(memory, wanted, table);
}

function isExplained(memory: FileMemory, wanted: WantedFile, table: ProcessTable): boolean {
  const own = new Set<number>();
  for (const pid of memory.holders.keys()) {
    const process = table.look(pid);
    if (process !== undefined) own.add(ownPid(process));
  }
  return wanted.writerPids.every((pid) => own.has(pid));
}

/** Whether the file is another than at the last look through all processes. */
export function hasChanged(memory: FileMemory, fingerprint: string): boolean {
  return memory.scan !== undefined && memory.scan.fingerprint !== fingerprint;
}

/**
 * Which holders of devices may have come to hold a changed file: those that see themselves as a PID which the file names
 * (also where another holder does: then the PID is ambiguous), and all of them after an attach, as one can be without a slot.
 */
export function suspects(
  memory: FileMemory,
  wanted: WantedFile,
  deviceHolders: readonly number[],
  table: ProcessTable,
): readonly number[] {
  const attached = memory.ctimeMs === undefined || memory.ctimeMs !== memory.searchedCtimeMs;
  return deviceHolders.filter((pid) => {
    if (memory.holders.has(pid)) return false;
    const process = table.look(pid);
    return process !== undefined && (attached || wanted.writerPids.includes(ownPid(process)));
  });
}

/** The holders of devices were looked through for this file. */
export function noteSearched(memory: FileMemory): void {
  const { ctimeMs } = memory;
  memory.searchedCtimeMs = ctimeMs !== undefined && Date.now() - ctimeMs >= CTIME_STEP_MS ? ctimeMs : undefined;
}
