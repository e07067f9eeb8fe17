import { rmSync } from 'node:fs';
import type { SimulatedHost } from '../../../src/simulator/hosts.ts';
import { MIB } from '../../../src/simulator/patterns.ts';
import type { Holdings } from '../../../src/simulator/patterns.ts';
import { startWorkload } from '../../../src/simulator/workload.ts';
import type { Workload } from '../../../src/simulator/workload.ts';
import type { MemoryType } from '../../../src/snapshot/memory-types.ts';
import { totals } from '../../allocation-server/support/ask.ts';
import { eventually } from '../../support/eventually.ts';
import type { Ledger } from './ledger.ts';

/** A chip with its tracker. */
export interface Place {
  /** TT-Metal's logical number. */
  readonly chip: number;
  readonly tracker: 'region' | 'server';
  readonly regionVersion: 3 | 4;
  readonly types: readonly MemoryType[];
}

type Bytes = ReadonlyMap<MemoryType, number>;

/** The most that a process holds of one type. */
const MOST: Readonly<Record<MemoryType, number>> = {
  dram: 900 * MIB,
  trace: 64 * MIB,
  l1: 6 * MIB,
  l1_small: MIB,
  cb: 2 * MIB,
  kernel: MIB,
};
/** In the place of a PID: of whom nothing is known yet. */
const ANYBODY = '*';
const RELEASING = -1;
/** The dead keep their slots, of which a region has 64. */
const MOST_DEAD = 10;

/** Processes on one chip, and the books of what they hold: every change of theirs goes through here, one at a time. */
export class Tenants {
  readonly place: Place;
  readonly living: Workload[] = [];
  /** What those who were killed have left behind in the region. */
  readonly #dead = new Map<number, Bytes>();
  readonly #held = new Map<number, Bytes>();
  readonly #host: SimulatedHost;
  readonly #ledger: Ledger;
  readonly #address: string;
  readonly #graves: Set<number>;
  #turn: Promise<unknown> = Promise.resolve();
  #born = 0;

  /** `graves`: the numbers of the dead whose slots are left, of all places. */
  constructor(host: SimulatedHost, ledger: Ledger, place: Place, graves: Set<number>) {
    this.#graves = graves;
    this.place = place;
    this.#host = host;
    this.#ledger = ledger;
    this.#address = host.card(host.chip(place.chip).card).plan.pciAddress;
  }

  /** A new process, which takes some memory at once. No two places may do so at the same time. */
  start(random: () => number): Promise<void> {
    return this.#inTurn(async () => {
      this.#beginTotals();
      // Its number is not known before it is there. It may be that of a dead one, who would seem to live again.
      for (const pid of [ANYBODY, ...this.#dead.keys()]) this.#beginLife(pid);
      const workload = await this.#startUnlike();
      this.living.push(workload);
      this.#beginLife(workload.pid);
      await this.#hold(workload, random);
      for (const [pid, bytes] of this.#dead) this.#settleGone(pid, bytes);
      this.#settleGone(ANYBODY, undefined);
      this.#settleDead(workload.pid, undefined);
      this.#ledger.settle(`alive|${workload.pid}`, 1);
    });
  }

  /** One of them allocates and frees. */
  change(random: () => number): Promise<void> {
    return this.#inTurn(async () => {
      const workload = this.living[Math.floor(random() * this.living.length)];
      if (workload === undefined) return;
      this.#beginTotals();
      for (const type of this.place.types) this.#beginHeld(workload.pid, type, 0, MOST[type]);
      await this.#hold(workload, random);
    });
  }

  /** The oldest is killed: what it holds stays behind in a region, and is given back in a server's books. */
  kill(): Promise<void> {
    return this.#inTurn(() => this.#end('kill'));
  }

  /** The oldest ends in order. */
  stop(): Promise<void> {
    return this.#inTurn(() => this.#end('stop'));
  }

  /** Where too many have died: all end, and the region is removed. */
  tidyUp(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#dead.size < MOST_DEAD) return;
      while (this.living.length > 0) await this.#end('stop');
      this.#beginTotals();
      for (const pid of this.#dead.keys()) this.#beginDead(pid);
      rmSync(this.#host.regionPath(this.place.chip));
      for (const pid of this.#dead.keys()) {
        this.#settleDead(pid, undefined);
        this.#graves.delete(pid);
      }
      this.#dead.clear();
      this.#settleTotals();
    });
  }

  /** While the server restarts: nothing of it is known; those who reported to it have no connection any more. */
  restartServer(restart: () => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      this.#beginTotals();
      for (const { pid } of this.living) for (const type of this.place.types) this.#beginHeld(pid, type, 0, MOST[type]);
      await restart();
      // The new one begins with empty books.
      this.#held.clear();
      while (this.living.length > 0) await this.#end('kill');
    });
  }

  async #end(how: 'kill' | 'stop'): Promise<void> {
    const workload = this.living.shift();
    if (workload === undefined) return;
    const { pid } = workload;
    const bytes = this.#held.get(pid) ?? new Map<MemoryType, number>();
    this.#beginTotals();
    this.#beginLife(pid);
    // Who leaves has this in the place of its number for a moment.
    this.#beginDead(RELEASING);
    await (how === 'kill' ? workload.kill() : workload.stop());
    this.#held.delete(pid);
    const remains = how === 'kill' && this.place.tracker === 'region';
    if (remains) this.#bury(pid, bytes);
    if (this.place.tracker === 'server') await this.#serverAgrees();
    this.#settleGone(pid, remains ? bytes : undefined);
    this.#settleDead(RELEASING, undefined);
    this.#settleTotals();
  }

  #bury(pid: number, bytes: Bytes): void {
    this.#dead.set(pid, bytes);
    this.#graves.add(pid);
  }

  async #hold(workload: Workload, random: () => number): Promise<void> {
    const holdings: Holdings = {};
    for (const type of this.place.types) holdings[type] = Math.floor(random() * MOST[type]);
    await workload.hold(this.place.chip, holdings);
    this.#held.set(workload.pid, new Map(this.place.types.map((type) => [type, holdings[type] ?? 0])));
    if (this.place.tracker === 'server') await this.#serverAgrees();
    for (const type of this.place.types) {
      this.#ledger.settle(`held|${this.#address}|${workload.pid}|${type}`, holdings[type]);
    }
    this.#settleTotals();
  }

  /** One that has not the number of a dead one: it would take over the slot. */
  async #startUnlike(): Promise<Workload> {
    const { chip, tracker, regionVersion } = this.place;
    for (;;) {
      const name = `tenant-${chip}-${++this.#born}`;
      const workload = await startWorkload(this.#host, { name, chips: [chip], tracker, regionVersion });
      if (!this.#graves.has(workload.pid)) return workload;
      await workload.kill();
      const isNewSlot = tracker === 'region' && regionVersion === 4 && !this.#dead.has(workload.pid);
      if (isNewSlot) this.#bury(workload.pid, new Map(this.place.types.map((type) => [type, 0])));
    }
  }

  #sum(type: MemoryType): number {
    return [...this.#held.values(), ...this.#dead.values()].reduce((sum, bytes) => sum + (bytes.get(type) ?? 0), 0);
  }

  /** Up to version 3 the total of circular buffers is what the last writer said of itself. */
  get #summed(): readonly MemoryType[] {
    const { types, regionVersion, tracker } = this.place;
    return tracker === 'region' && regionVersion === 3 ? types.filter((type) => type !== 'cb') : types;
  }

  #beginTotals(): void {
    for (const type of this.place.types) {
      const high = this.#sum(type) + 2 * MOST[type];
      this.#ledger.begin(`total|${this.#address}|${type}`, { low: 0, high, mayBeAbsent: true });
    }
  }

  #settleTotals(): void {
    const empty = this.#held.size === 0 && this.#dead.size === 0;
    for (const type of this.#summed) {
      const key = `total|${this.#address}|${type}`;
      // Nobody there: a region may be there or not.
      if (!empty) this.#ledger.settle(key, this.#sum(type));
    }
  }

  #beginLife(pid: number | string): void {
    for (const type of this.place.types) this.#beginHeld(pid, type, 0, MOST[type]);
    this.#ledger.begin(`alive|${pid}`, { low: 0, high: 1, mayBeAbsent: true });
    this.#beginDead(pid);
  }

  /** Nobody with that number lives here. */
  #settleGone(pid: number | string, remains: Bytes | undefined): void {
    for (const type of this.place.types) this.#ledger.settle(`held|${this.#address}|${pid}|${type}`, undefined);
    this.#ledger.settle(`alive|${pid}`, undefined);
    this.#settleDead(pid, remains);
  }

  #beginHeld(pid: number | string, type: MemoryType, low: number, high: number): void {
    this.#ledger.begin(`held|${this.#address}|${pid}|${type}`, { low, high, mayBeAbsent: true });
  }

  #beginDead(pid: number | string): void {
    for (const type of this.place.types) {
      for (const kind of ['held', 'orphaned']) {
        this.#ledger.begin(`${kind}|${this.#address}|?${pid}|${type}`, { low: 0, high: MOST[type], mayBeAbsent: true });
      }
    }
    this.#ledger.begin(`alive|?${pid}`, { low: 0, high: 1, mayBeAbsent: true });
  }

  #settleDead(pid: number | string, bytes: Bytes | undefined): void {
    for (const type of this.place.types) {
      const held = bytes?.get(type);
      this.#ledger.settle(`held|${this.#address}|?${pid}|${type}`, held);
      this.#ledger.settle(`orphaned|${this.#address}|?${pid}|${type}`, held === 0 ? undefined : held);
    }
    this.#ledger.settle(`alive|?${pid}`, bytes === undefined ? undefined : 0);
  }

  /** What is reported is in the books only when the server has read it. */
  async #serverAgrees(): Promise<void> {
    const names = { dram: 'dram', trace: 'trace', l1: 'l1', l1_small: 'l1Small', cb: 'cb', kernel: 'kernel' } as const;
    await eventually(
      'the server to have taken every report',
      async () => {
        const answer = await totals(this.#host.socket, 'C', this.place.chip).catch(() => undefined);
        if (answer === undefined) return false;
        return this.place.types.every((type) => Number(answer[names[type]]) === this.#sum(type));
      },
      30,
    );
  }

  async #inTurn(task: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(task);
    this.#turn = turn.catch(() => undefined);
    await turn;
  }
}
