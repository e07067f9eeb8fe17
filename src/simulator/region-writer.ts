import { RegionFile } from './region-file.ts';
import * as table from './region-table.ts';
import type { MemoryType } from '../snapshot/memory-types.ts';

export interface RegionWriterOptions {
  readonly version: 1 | 2 | 3 | 4;
  /** Version 1 with the sixth counter. */
  readonly kernelLayout?: boolean;
  /** Version 1 with 64 bytes of padding at its end. */
  readonly padded?: boolean;
  /** The number in the file's name. */
  readonly chipId: bigint;
  /** TT-Metal's logical number. */
  readonly deviceId: number;
  readonly isRemote?: boolean;
  /** Nanoseconds: since the epoch, or for the oldest builds of version 1 since boot. */
  readonly now?: () => bigint;
}

const INIT_IN_PROGRESS = 1;
const INIT_READY = 0x52454459;
const RELEASING = -1;

/**
 * One process (or several, by their PIDs) that publishes its allocations in a region, with the habits of the TT-Metal
 * of that version: what it counts, what it leaves behind, and when it moves which field (memory_stats_shm.cpp). It
 * keeps its descriptor open until its last process detaches or it dies.
 */
export class RegionWriter {
  readonly #file: RegionFile;
  readonly #table: table.RegionTable;
  readonly #options: RegionWriterOptions;
  readonly #names = new Map<number, string>();

  private constructor(file: RegionFile, options: RegionWriterOptions) {
    this.#file = file;
    this.#options = options;
    this.#table = new table.RegionTable(file, options.version, options.kernelLayout === true);
  }

  /**
   * Opens the chip: creates the region or attaches to the one that is there. Throws where a version above 1 finds a
   * region of another version (TT-Metal then runs untracked), after it has cut it to its own size.
   */
  static open(path: string, options: RegionWriterOptions): RegionWriter {
    const writer = new RegionWriter(new RegionFile(path, options.version === 1 ? 0o666 : 0o600), options);
    try {
      writer.#enter();
    } catch (error) {
      writer.die();
      throw error;
    }
    return writer;
  }

  get path(): string {
    return this.#file.path;
  }

  /** The open descriptor, which is what shows in /proc/<pid>/fd. Throws where the region is held no more. */
  get descriptor(): number {
    return this.#file.descriptor;
  }

  /** For states that no writer makes on purpose. */
  get raw(): RegionFile {
    return this.#file;
  }

  /** Where the slot at an index starts. */
  slotOffset(index: number): number {
    return this.#table.slot(index);
  }

  /**
   * The process comes: version 4 gives it its slot now, older ones with its first allocation. A slot with the same PID
   * becomes its own, bytes included.
   */
  attach(pid: number, name: string): void {
    this.#names.set(pid, name);
    this.#file.truncate(this.#size());
    if (this.#options.version === 4) {
      this.#resetIfIdle();
      this.#claim(pid);
    } else {
      this.#table.addU32(table.REFERENCE_COUNT, 1);
    }
    this.#identify();
  }

  allocate(pid: number, type: MemoryType, bytes: number): void {
    this.#record(pid, type, BigInt(bytes));
  }

  free(pid: number, type: MemoryType, bytes: number): void {
    this.#record(pid, type, -BigInt(bytes));
  }

  /** The locally allocated circular buffers: up to version 3 the total is what the last writer says. */
  setCb(pid: number, bytes: number): void {
    const slot = this.#table.findSlot(pid);
    if (this.#options.version === 4) {
      if (slot === undefined) return;
      this.#record(pid, 'cb', BigInt(bytes) - this.#file.u64(this.#table.counter(slot, 'cb')));
      return;
    }
    this.#file.setU64(this.#table.total('cb'), BigInt(bytes));
    this.#file.setU64(this.#table.counter(this.#table.chip(0), 'cb'), BigInt(bytes));
    this.#touch(table.LAST_UPDATE);
    if (slot === undefined) return;
    this.#file.setU64(this.#table.counter(slot, 'cb'), BigInt(bytes));
    this.#touch(this.#table.slotLastUpdate(slot));
  }

  /** The process closes the chip: its bytes leave the totals and its slot is free. */
  detach(pid: number): void {
    const slot = this.#table.findSlot(pid);
    if (this.#options.version === 4) {
      if (slot !== undefined) this.#release(slot);
      this.#resetIfIdle();
    } else {
      this.#leave(slot);
    }
    this.#names.delete(pid);
    if (this.#names.size === 0) this.#file.close();
  }

  /** What a version 4 process does to others when it attaches or exits: dead ones lose their slots. */
  reap(isAlive: (pid: number) => boolean): void {
    for (const [index, pid] of this.#table.slotPids().entries()) {
      if (pid > 0 && !this.#names.has(pid) && !isAlive(pid)) this.#release(this.#table.slot(index));
    }
    this.#resetIfIdle();
  }

  /** SIGKILL: the descriptor closes, everything else stays. */
  die(): void {
    this.#names.clear();
    this.#file.close();
  }

  /** SIGKILL in the middle of releasing a slot (version 4): its PID stays -1 for good. */
  dieReleasing(pid: number): void {
    const slot = this.#table.findSlot(pid);
    if (slot !== undefined) this.#file.setI32(slot, RELEASING);
    this.die();
  }

  /** Claims the initialisation of a version 4 region and stops there, until finishInit or for good. */
  beginInit(): void {
    this.#file.setU32(table.INIT_STATE, INIT_IN_PROGRESS);
    this.#file.write(0, Buffer.alloc(this.#table.end));
    this.#file.setU32(table.VERSION, this.#options.version);
  }

  /** Fills the region with its beginning, and says so where the version has a word for it. */
  finishInit(): void {
    const { version, deviceId, isRemote } = this.#options;
    this.#file.write(0, Buffer.alloc(this.#table.end));
    this.#file.setU32(table.VERSION, version);
    this.#touch(table.LAST_UPDATE);
    this.#identify();
    this.#table.clearChips();
    this.registerChip(deviceId, isRemote === true);
    if (version === 4) this.#file.setU32(table.INIT_STATE, INIT_READY);
  }

  /** Gives a chip its entry in chip_stats. */
  registerChip(chipId: number, isRemote: boolean): void {
    const entry = this.#table.chipEntry(chipId);
    if (entry !== undefined) this.#file.setU32(entry + 4, isRemote ? 1 : 0);
  }

  #enter(): void {
    const { version } = this.#options;
    this.#file.truncate(this.#size());
    const found = this.#file.u32(table.VERSION);
    if (found === 0) {
      this.finishInit();
    } else if (version !== 1 && found !== version) {
      throw new Error(`${this.path}: a region of version ${found}, which version ${version} does not share`);
    }
  }

  #size(): number {
    return this.#table.size + (this.#options.padded === true ? 64 : 0);
  }

  #identify(): void {
    const { version, chipId, deviceId } = this.#options;
    this.#file.setU64(table.BOARD_SERIAL, version === 1 ? chipId >> 8n : 0n);
    this.#file.setU64(table.ASIC_ID, version === 1 ? chipId & 0xffn : chipId);
    this.#file.setU32(table.DEVICE_ID, deviceId);
  }

  /** Version 4 counts nothing for a process that got no slot; older ones count it in the totals alone. */
  #record(pid: number, type: MemoryType, bytes: bigint): void {
    const total = this.#table.total(type);
    const slot = this.#claim(pid);
    if (slot === undefined && this.#options.version === 4) return;
    this.#table.add(total, bytes);
    const entry = this.#table.chipEntry(this.#options.deviceId);
    if (entry !== undefined) this.#table.add(this.#table.counter(entry, type), bytes);
    this.#touch(table.LAST_UPDATE);
    if (slot === undefined) return;
    this.#table.add(this.#table.counter(slot, type), bytes);
    this.#touch(this.#table.slotLastUpdate(slot));
  }

  /** The process's slot, a new one where it has none; undefined where all 64 are taken. */
  #claim(pid: number): number | undefined {
    const own = this.#table.findSlot(pid);
    if (own !== undefined) return own;
    const slot = this.#table.findSlot(0);
    if (slot === undefined) return undefined;
    this.#file.setI32(slot, pid);
    this.#table.clearSlotCounters(slot);
    this.#touch(this.#table.slotLastUpdate(slot));
    const name = Buffer.alloc(64);
    // strncpy of 63 bytes: a longer name is cut, maybe within a character.
    Buffer.from(this.#names.get(pid) ?? 'unknown').copy(name, 0, 0, 63);
    this.#file.write(this.#table.slotName(slot), name);
    if (this.#options.version === 4) this.#table.addU32(table.REFERENCE_COUNT, 1);
    this.#table.addU32(table.ACTIVE_PROCESSES, 1);
    return slot;
  }

  #release(slot: number): void {
    this.#file.setI32(slot, RELEASING);
    this.#table.takeFromTotals(slot);
    this.#file.setU64(this.#table.slotLastUpdate(slot), 0n);
    this.#file.write(this.#table.slotName(slot), Buffer.alloc(64));
    this.#file.setI32(slot, 0);
    for (const count of [table.REFERENCE_COUNT, table.ACTIVE_PROCESSES]) {
      if (this.#file.u32(count) > 0) this.#table.addU32(count, -1);
    }
    this.#touch(table.LAST_UPDATE);
  }

  /** Up to version 3: no timestamp moves, name and time of the slot stay, and the count of references wraps below 0. */
  #leave(slot: number | undefined): void {
    if (slot !== undefined) {
      this.#table.takeFromTotals(slot);
      this.#file.setI32(slot, 0);
      this.#table.addU32(table.ACTIVE_PROCESSES, -1);
    }
    if (this.#table.addU32(table.REFERENCE_COUNT, -1) === 0) this.#table.resetTotals();
  }

  #resetIfIdle(): void {
    if (this.#file.u32(table.REFERENCE_COUNT) === 0) this.#table.resetTotals();
  }

  #touch(offset: number): void {
    this.#file.setU64(offset, (this.#options.now ?? epochNanoseconds)());
  }
}

function epochNanoseconds(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
