import { MIB } from '../../../src/simulator/patterns.ts';
import { SLOTS } from '../../../src/simulator/region-table.ts';
import { MEMORY_TYPES } from '../../../src/snapshot/memory-types.ts';
import type { MemoryType } from '../../../src/snapshot/memory-types.ts';
import type { Ledger } from './ledger.ts';

/** A chip with its tracker. */
export interface Place {
  /** TT-Metal's logical number. */
  readonly chip: number;
  readonly tracker: 'region' | 'server';
  /** Its processes have device numbers of their own. */
  readonly seesNoOthers?: boolean;
  readonly regionVersion: 3 | 4;
  readonly types: readonly MemoryType[];
}

export type Bytes = ReadonlyMap<MemoryType, number>;
/** A PID, or ANYBODY. */
export type Pid = number | string;

/** The most that a process holds of one type. */
export const MOST: Readonly<Record<MemoryType, number>> = {
  dram: 900 * MIB,
  trace: 64 * MIB,
  l1: 6 * MIB,
  l1_small: MIB,
  cb: 2 * MIB,
  kernel: MIB,
};
/** In the place of a PID: of whom nothing is known yet. */
export const ANYBODY = '*';
/** What a region has in the place of the number of somebody who leaves, for a moment. */
const RELEASING = -1;

/** Who holds how much on one chip, told to the ledger before it changes and after. */
export class MemoryBooks {
  readonly held = new Map<number, Bytes>();
  /** What those who were killed have left behind in the region. */
  readonly dead = new Map<number, Bytes>();
  readonly #ledger: Ledger;
  readonly #address: string;
  readonly #place: Place;

  constructor(ledger: Ledger, address: string, place: Place) {
    this.#ledger = ledger;
    this.#address = address;
    this.#place = place;
    for (const type of place.types.filter((each) => !this.#isSum(each))) {
      ledger.begin(`total|${address}|${type}`, { low: 0, high: SLOTS * MOST[type], mayBeAbsent: true });
    }
    // Without a region it is the server that knows of the chip, where nobody reports to it.
    for (const type of MEMORY_TYPES.filter((each) => !place.types.includes(each))) {
      ledger.begin(`total|${address}|${type}`, { low: 0, high: 0, mayBeAbsent: true });
    }
  }

  sum(type: MemoryType): number {
    return [...this.held.values(), ...this.dead.values()].reduce((sum, bytes) => sum + (bytes.get(type) ?? 0), 0);
  }

  beginTotals(): void {
    for (const type of this.#place.types.filter((each) => this.#isSum(each))) {
      const high = this.sum(type) + 2 * MOST[type];
      this.#ledger.begin(`total|${this.#address}|${type}`, { low: 0, high, mayBeAbsent: true });
    }
  }

  settleTotals(): void {
    // Nobody there: a region may be there or not.
    if (this.held.size === 0 && this.dead.size === 0) return;
    for (const type of this.#place.types.filter((each) => this.#isSum(each))) {
      this.#ledger.settle(`total|${this.#address}|${type}`, this.sum(type));
    }
  }

  /** A process allocates and frees. */
  beginHolding(pid: number): void {
    this.beginTotals();
    this.#begin('held', `${pid}`);
  }

  settleHolding(pid: number, bytes: Bytes): void {
    this.#settle('held', `${pid}`, (type) => bytes.get(type));
  }

  /** A process comes or goes: for a while it may look dead. */
  beginLife(pid: Pid): void {
    this.#begin('held', `${pid}`);
    this.#ledger.begin(`alive|${pid}`, { low: 0, high: 1, mayBeAbsent: true });
    this.beginDead(pid);
  }

  settleAlive(pid: number): void {
    this.settleDead(pid, undefined);
    this.#ledger.settle(`alive|${pid}`, 1);
  }

  /** Nobody with that number lives here. */
  settleGone(pid: Pid, remains: Bytes | undefined): void {
    this.#settle('held', `${pid}`, () => undefined);
    this.#ledger.settle(`alive|${pid}`, undefined);
    this.settleDead(pid, remains);
  }

  beginLeaving(pid: number): void {
    this.beginTotals();
    this.beginLife(pid);
    this.beginDead(RELEASING);
  }

  settleLeft(pid: number, remains: Bytes | undefined): void {
    this.settleGone(pid, remains);
    this.settleDead(RELEASING, undefined);
    this.settleTotals();
  }

  beginDead(pid: Pid): void {
    for (const kind of ['held', 'orphaned']) this.#begin(kind, `?${pid}`);
    this.#ledger.begin(`alive|?${pid}`, { low: 0, high: 1, mayBeAbsent: true });
  }

  settleDead(pid: Pid, bytes: Bytes | undefined): void {
    this.#settle('held', `?${pid}`, (type) => bytes?.get(type));
    // Of nothing nobody is the dead owner.
    this.#settle('orphaned', `?${pid}`, (type) => (bytes?.get(type) === 0 ? undefined : bytes?.get(type)));
    this.#ledger.settle(`alive|?${pid}`, bytes === undefined ? undefined : 0);
  }

  /** The chip has no name for a while: what there is of it may be on the page, may not, or may be of an unknown chip. */
  beginNameless(): void {
    for (const address of [this.#address, '']) {
      this.#everything(address, (key, value) => {
        this.#ledger.begin(key, { low: value, high: value, mayBeAbsent: true });
      });
    }
    for (const type of this.#place.types.filter((each) => this.#isSum(each))) {
      // Part of it may be known meanwhile, or nothing.
      this.#ledger.begin(`total|${this.#address}|${type}`, { low: 0, high: this.sum(type), mayBeAbsent: true });
    }
  }

  settleNamed(): void {
    this.#everything(this.#address, (key, value) => {
      this.#ledger.settle(key, value);
    });
    this.#everything('', (key) => {
      if (!key.startsWith('alive|')) this.#ledger.settle(key, undefined);
    });
    this.settleTotals();
  }

  /** Every number of a process, at a chip's address. */
  #everything(address: string, each: (key: string, value: number) => void): void {
    for (const [pid, bytes] of this.held) {
      each(`alive|${pid}`, 1);
      for (const [type, value] of bytes) each(`held|${address}|${pid}|${type}`, value);
    }
    for (const [pid, bytes] of this.dead) {
      each(`alive|?${pid}`, 0);
      for (const [type, value] of bytes) {
        each(`held|${address}|?${pid}|${type}`, value);
        if (value > 0) each(`orphaned|${address}|?${pid}|${type}`, value);
      }
    }
  }

  /** Up to version 3 the total of circular buffers is what the last writer said of itself. */
  #isSum(type: MemoryType): boolean {
    const { regionVersion, tracker } = this.#place;
    return type !== 'cb' || tracker !== 'region' || regionVersion !== 3;
  }

  #begin(kind: string, label: string): void {
    for (const type of this.#place.types) {
      this.#ledger.begin(`${kind}|${this.#address}|${label}|${type}`, { low: 0, high: MOST[type], mayBeAbsent: true });
    }
  }

  #settle(kind: string, label: string, value: (type: MemoryType) => number | undefined): void {
    for (const type of this.#place.types) {
      this.#ledger.settle(`${kind}|${this.#address}|${label}|${type}`, value(type));
    }
  }
}
