import {
  clearedPids,
  emptyMemory,
  needsLook,
  needsScan,
  needsSearch,
  nextLook,
  noteCleared,
  noteSearched,
  scanned,
  suspects,
  withdrawProof,
} from './file-memory.ts';
import { fileKey } from '../source.ts';
import { findMappedFiles, UNFINISHED } from './mapped-files.ts';
import { GONE, isFailure } from './proc-files.ts';
import { scanHost } from './host-scan.ts';
import { scanProcess } from './process-scan.ts';
import { scanTarget } from './scan-target.ts';
import { UnsearchedProcesses } from './unsearched.ts';
import type { FileHolders } from './types.ts';
import type { FileId, WantedFile } from '../source.ts';
import type { FileMemory, HolderMap, KnownHolder } from './file-memory.ts';
import type { HostScan } from './host-scan.ts';
import type { Pace } from './pace.ts';
import type { ProcessScan } from './process-scan.ts';
import { ownPid } from './processes.ts';
import type { ProcessTable } from './processes.ts';
import type { ProcfsView } from './rights.ts';
import type { ScanTarget } from './scan-target.ts';

/** One search for holders. */
export interface HolderSearch {
  readonly wanted: readonly WantedFile[];
  /** Host PIDs of the processes that hold a device. */
  readonly deviceHolders: readonly number[];
  readonly view: ProcfsView;
  /** How many processes had been started since boot when the run began. */
  readonly forks: number | undefined;
  readonly pace: Pace;
  /** Filled as the search goes on: by file key, with `complete` false until it is known. */
  readonly results: Map<string, FileHolders>;
}

/** How a search ended. */
export interface HolderSearchEnd {
  /** It came to its end before the deadline. */
  readonly finished: boolean;
  /** Set where all processes were looked through. */
  readonly scan: HostScan | undefined;
}

/**
 * Finds who holds the wanted files, in the order of cost: the holders of last time, the holders of devices, everybody.
 * The memory decides what is read: that each holder lives on as the same process is seen anew in each search.
 */
export class FileHolderFinder {
  readonly #root: string;
  readonly #table: ProcessTable;
  readonly #now: () => number;
  readonly #unsearched: UnsearchedProcesses;
  #memory = new Map<string, FileMemory>();

  constructor(root: string, table: ProcessTable, now: () => number = () => performance.now()) {
    this.#root = root;
    this.#table = table;
    this.#now = now;
    this.#unsearched = new UnsearchedProcesses(root);
  }

  async find(search: HolderSearch): Promise<HolderSearchEnd> {
    const { wanted } = search;
    const target = scanTarget(wanted, search.view.real);
    this.#memory = new Map([...target.files.keys()].map((key) => [key, this.#memory.get(key) ?? emptyMemory()]));
    if (!(await this.#verifyAll(search, target))) return { finished: false, scan: undefined };
    if (!(await this.#lookAtSuspects(search, target))) return { finished: false, scan: undefined };
    const now = this.#now();
    const dear = wanted.some((file) => needsScan(this.#of(fileKey(file.file)), file, this.#table, now));
    let scan: HostScan | undefined;
    if (dear) {
      scan = await scanHost(this.#root, search.view, target, search.pace);
      this.#adopt(scan, search, target);
    }
    for (const [key, file] of target.files) this.#publish(search, file, this.#of(key).scan?.complete ?? false);
    return { finished: scan?.finished ?? true, scan };
  }

  /** Looks for each known holder where it was seen last. False where the deadline came first. */
  async #verifyAll(search: HolderSearch, target: ScanTarget): Promise<boolean> {
    const openers = new Set(search.deviceHolders);
    for (const [key, file] of target.files) {
      if (search.pace.due() && !(await search.pace.rest())) return this.#giveUp();
      const { holders } = this.#of(key);
      const doubtful = this.#doubtful(holders, file, openers);
      for (const pid of doubtful.keys()) holders.delete(pid);
      for (const [pid, holder] of doubtful) {
        if (search.pace.due() && !(await search.pace.rest())) return this.#giveUp();
        // The look for another holder may have found it.
        if (holders.has(pid)) continue;
        if ((await this.#lookFor(pid, holder, file, search, target)) === UNFINISHED) return this.#giveUp();
      }
      // What the deadline keeps from being seen again is not published.
      this.#publish(search, file, false);
    }
    return true;
  }

  /** Those of the holders that are gone or have to be looked for. */
  #doubtful(holders: HolderMap, file: WantedFile, openers: ReadonlySet<number>): Map<number, KnownHolder> {
    const doubtful = new Map<number, KnownHolder>();
    const now = this.#now();
    holders.forEach((holder, pid) => {
      const process = this.#table.look(pid);
      const lives = process?.stat.startTicks === holder.startTicks;
      // A child has from its parent what it never attached to, and lets go of it without a trace.
      const isWriter = lives && openers.has(pid) && file.writerPids.includes(ownPid(process));
      if (!lives || needsLook(holder, file, isWriter, now)) doubtful.set(pid, holder);
    });
    return doubtful;
  }

  /** Doubtful holders that were not seen again are forgotten, so everybody has to be looked at next time. */
  #giveUp(): false {
    for (const memory of this.#memory.values()) memory.scan = undefined;
    return false;
  }

  /** Puts a holder back that still holds the file; where one does not, everybody has to be looked at. */
  async #lookFor(
    pid: number,
    holder: KnownHolder,
    wanted: WantedFile,
    search: HolderSearch,
    target: ScanTarget,
  ): Promise<typeof UNFINISHED | undefined> {
    const memory = this.#of(fileKey(wanted.file));
    const held = await this.#stillHolds(pid, holder, wanted.file, search, target);
    if (held === UNFINISHED) return UNFINISHED;
    if (held) memory.holders.set(pid, { ...holder, ...this.#seenNow(pid, wanted) });
    else if (!memory.holders.has(pid)) memory.scan = undefined;
    return undefined;
  }

  #seenNow(pid: number, { file, attachMark }: WantedFile): Pick<KnownHolder, 'seenMark' | 'lookAt'> {
    return { seenMark: attachMark, lookAt: nextLook(this.#now(), pid, file.ino) };
  }

  async #stillHolds(
    pid: number,
    { startTicks, link }: KnownHolder,
    file: FileId,
    search: HolderSearch,
    target: ScanTarget,
  ): Promise<boolean | typeof UNFINISHED> {
    const { pace } = search;
    if (this.#table.look(pid)?.stat.startTicks !== startTicks) return false;
    const path = `${this.#root}/${pid}/${link}`;
    if (link.endsWith('maps')) {
      const mapped = await findMappedFiles(path, target.files, pace);
      if (mapped === UNFINISHED) return UNFINISHED;
      if (!isFailure(mapped) && mapped.has(fileKey(file))) return true;
    } else {
      const found = target.openFiles.fileBehind(`${this.#root}/${pid}/`, link, target.inodes);
      if (found !== undefined && !isFailure(found) && fileKey(found) === fileKey(file)) return true;
    }
    // It may hold the file by another descriptor, or by its mapping alone.
    const scan = await scanProcess(this.#root, pid, target, pace, true);
    if (scan === UNFINISHED) return UNFINISHED;
    if (scan !== GONE) this.#absorb(scan, search, target);
    return false;
  }

  async #lookAtSuspects(search: HolderSearch, target: ScanTarget): Promise<boolean> {
    const doubtful = [...target.files].filter(([key, { fingerprint }]) => needsSearch(this.#of(key), fingerprint));
    const pids = new Set(doubtful.length === 0 ? [] : this.#unsearched.toSearch(target, search));
    for (const [key, file] of doubtful) {
      for (const pid of suspects(this.#of(key), file, search.deviceHolders, this.#table)) pids.add(pid);
    }
    for (const pid of pids) {
      if (pid === search.view.ownPid) continue;
      const scan = await scanProcess(this.#root, pid, target, search.pace);
      if (scan === UNFINISHED) return false;
      this.#unsearched.settle(pid, scan === GONE ? undefined : scan);
      if (scan === GONE) continue;
      this.#absorb(scan, search, target);
      if (scan.failure !== undefined) for (const key of scan.named) withdrawProof(this.#of(key));
    }
    for (const [key, file] of doubtful) noteSearched(this.#of(key), file);
    if (doubtful.length > 0) this.#unsearched.noteSearched(target);
    return true;
  }

  #absorb(scan: ProcessScan, { deviceHolders }: HolderSearch, target: ScanTarget): void {
    const { pid, named, files, failure } = scan;
    const start = deviceHolders.includes(pid) ? this.#table.look(pid)?.stat.startTicks : undefined;
    for (const key of named) {
      const isClear = failure === undefined && !files.has(key);
      noteCleared(this.#of(key), pid, isClear ? start : undefined, target.files.get(key)?.attachMark ?? '');
    }
    if (files.size === 0) return;
    // From now, not from an earlier look: the PID must be the one that was just seen to hold the file.
    const process = this.#table.lookAgain(pid);
    if (process === undefined) return;
    const { startTicks } = process.stat;
    for (const [key, link] of files) {
      const wanted = target.files.get(key);
      if (wanted !== undefined) this.#of(key).holders.set(pid, { startTicks, link, ...this.#seenNow(pid, wanted) });
    }
  }

  #adopt(scan: HostScan, search: HolderSearch, target: ScanTarget): void {
    if (scan.finished) {
      for (const key of target.files.keys()) this.#of(key).holders.clear();
      this.#unsearched.reset(scan, search.forks);
      this.#unsearched.noteSearched(target);
    }
    for (const found of scan.found) this.#absorb(found, search, target);
    const complete = scan.unseen === undefined && search.view.initial && !this.#table.failed;
    for (const [key, file] of target.files) {
      const memory = this.#of(key);
      if (!scan.finished) {
        memory.scan = undefined;
        continue;
      }
      scanned(memory, file, this.#table, complete, this.#now());
      noteSearched(memory, file);
    }
  }

  #publish(search: HolderSearch, file: WantedFile, complete: boolean): void {
    const key = fileKey(file.file);
    const memory = this.#of(key);
    const pids = memory.holders.pids();
    search.results.set(
      key,
      complete ? { pids, complete } : { pids, complete, cleared: clearedPids(memory, file, this.#table) },
    );
  }

  #of(key: string): FileMemory {
    let memory = this.#memory.get(key);
    if (memory === undefined) this.#memory.set(key, (memory = emptyMemory()));
    return memory;
  }
}
