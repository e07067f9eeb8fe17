import { ownPid } from './processes.ts';
import type { ProcessTable } from './processes.ts';
import type { WantedFile } from '../source.ts';

/** Where a process was seen to hold a file: it is looked at there first. */
export interface KnownHolder {
  readonly startTicks: number;
  /** Below /proc/<pid>: `fd/12`, or `maps`. */
  readonly link: string;
  /** The file's attach mark when it was seen there. */
  readonly seenMark: string;
  /** When, in milliseconds, it is looked for there again though nothing speaks against it. */
  readonly lookAt: number;
}

/** A holder that nothing speaks against is looked for at its descriptor after so long. */
const LOOK_AFTER_MS = 120_000;
/** And up to so much later, each at another moment: the holders of a Galaxy's regions can be 2,048 looks. */
const SPREAD_MS = 120_000;

/** When a holder that was seen now is looked for again. */
export function nextLook(now: number, pid: number, ino: number): number {
  return now + LOOK_AFTER_MS + ((pid * 7919 + ino * 104_729) % SPREAD_MS);
}

/**
 * Whether a known holder, which lives on as the same process, has to be looked for at its descriptor again. Not while it
 * owns a slot of the file, has opened a device itself and nobody has attached since it was seen: a writer that lets go
 * releases its slot, one that only closes its descriptor writes on through its mapping, and who takes the slot over has to
 * attach. With 64 processes
 * on each of 32 chips these looks are most of what a scrape costs.
 */
export function needsLook(holder: KnownHolder, wanted: WantedFile, ownsSlot: boolean, now: number): boolean {
  return !ownsSlot || holder.seenMark !== wanted.attachMark || now >= holder.lookAt;
}

/** Holders by PID. */
export class HolderMap extends Map<number, KnownHolder> {
  #pids: readonly number[] | undefined;

  /** The PIDs, ascending: the same array while they stay the same. */
  pids(): readonly number[] {
    this.#pids ??= [...this.keys()].sort((a, b) => a - b);
    return this.#pids;
  }

  override set(pid: number, holder: KnownHolder): this {
    if (!this.has(pid)) this.#pids = undefined;
    return super.set(pid, holder);
  }

  override delete(pid: number): boolean {
    this.#pids = undefined;
    return super.delete(pid);
  }

  override clear(): void {
    this.#pids = undefined;
    super.clear();
  }
}

/** What is remembered of a wanted file between runs, to know what need not be read again. */
export interface FileMemory {
  readonly holders: HolderMap;
  /** The last look through all processes; undefined where none came to its end, or a holder has left since. */
  scan: FullScan | undefined;
  /** The file's mark when the holders of devices were last looked through: each attach to a region changes it. */
  searchedMark: string | undefined;
  /**
   * Holders of devices that were looked through, as the file names them, and do not hold it: that stays true until somebody
   * attaches.
   */
  readonly cleared: Map<number, Pick<KnownHolder, 'startTicks' | 'seenMark'>>;
}

/** What a look through all processes found of a file. */
export interface FullScan {
  readonly fingerprint: string;
  readonly attachMark: string;
  /** Marks of the writers whom nobody was found to be: a leaked slot beside a live one must not cost a scan each time. */
  readonly strangers: ReadonlyMap<number, string>;
  readonly complete: boolean;
  readonly at: number;
}

/** A scan that was refused something may fare better later: the process may be gone. */
const RETRY_MS = 60_000;

export function emptyMemory(): FileMemory {
  return { holders: new HolderMap(), scan: undefined, searchedMark: undefined, cleared: new Map() };
}

/**
 * Whether all processes have to be looked through for this file: never done, a holder has left, or the file has changed
 * and names a PID that no known holder has as its own, unless nobody was found to be it before, nobody has attached
 * since, and what it wrote is unchanged.
 */
export function needsScan(memory: FileMemory, wanted: WantedFile, table: ProcessTable, now: number): boolean {
  const { scan } = memory;
  if (scan === undefined) return true;
  if (!scan.complete && now - scan.at >= RETRY_MS) return true;
  if (scan.fingerprint === wanted.fingerprint) return false;
  const own = ownPids(memory, table);
  return wanted.writerPids.some((pid) => !own.has(pid) && !isStranger(scan, wanted, pid));
}

function isStranger({ attachMark, strangers }: FullScan, wanted: WantedFile, pid: number): boolean {
  return attachMark === wanted.attachMark && strangers.has(pid) && strangers.get(pid) === wanted.writerMark(pid);
}

/** What is remembered of a look through all processes that has just been taken over into `memory`. */
export function scanned(memory: FileMemory, wanted: WantedFile, table: ProcessTable, complete: boolean, at: number) {
  const own = ownPids(memory, table);
  const strangers = new Map<number, string>();
  for (const pid of wanted.writerPids) if (!own.has(pid)) strangers.set(pid, wanted.writerMark(pid));
  const { fingerprint, attachMark } = wanted;
  memory.scan = { fingerprint, attachMark, strangers, complete, at };
}

function ownPids({ holders }: FileMemory, table: ProcessTable): Set<number> {
  const own = new Set<number>();
  for (const pid of holders.keys()) {
    const process = table.look(pid);
    if (process !== undefined) own.add(ownPid(process));
  }
  return own;
}

/**
 * Whether the file is another than at the last look through all processes; or not all could be looked through, so that
 * of a process which has opened a device since it must be known that it does not hold the file.
 */
export function needsSearch({ scan }: FileMemory, fingerprint: string): boolean {
  return scan !== undefined && (scan.fingerprint !== fingerprint || !scan.complete);
}

/**
 * Which holders of devices may have come to hold a file: those that see themselves as a PID which the file names
 * (also where another holder does: then the PID is ambiguous), and all of them after an attach, as one can be without a slot.
 */
export function suspects(
  memory: FileMemory,
  wanted: WantedFile,
  deviceHolders: readonly number[],
  table: ProcessTable,
): readonly number[] {
  const attached = memory.searchedMark !== wanted.attachMark;
  return deviceHolders.filter((pid) => {
    if (memory.holders.has(pid)) return false;
    const process = table.look(pid);
    return process !== undefined && (attached || wanted.writerPids.includes(ownPid(process)));
  });
}

/** Somebody who may hold the file could not be looked through. */
export function withdrawProof(memory: FileMemory): void {
  if (memory.scan !== undefined) memory.scan = { ...memory.scan, complete: false };
}

/** The holders of devices were looked through for this file. */
export function noteSearched(memory: FileMemory, wanted: WantedFile): void {
  memory.searchedMark = wanted.attachMark;
}

/** Notes that a holder of a device with this start does not hold the file; undefined: that it may. */
export function noteCleared({ cleared }: FileMemory, pid: number, start: number | undefined, seenMark: string): void {
  if (start === undefined) cleared.delete(pid);
  else cleared.set(pid, { startTicks: start, seenMark });
}

/** Those of whom it is still true that they do not hold the file, ascending; the others are forgotten. */
export function clearedPids({ cleared }: FileMemory, { attachMark }: WantedFile, table: ProcessTable): number[] {
  for (const [pid, { startTicks, seenMark }] of cleared) {
    if (seenMark !== attachMark || table.look(pid)?.stat.startTicks !== startTicks) cleared.delete(pid);
  }
  return [...cleared.keys()].sort((a, b) => a - b);
}
