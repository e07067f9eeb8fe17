import { rmSync } from 'node:fs';
import type { SimulatedHost } from '../../../src/simulator/hosts.ts';
import type { Holdings } from '../../../src/simulator/patterns.ts';
import { startWorkload } from '../../../src/simulator/workload.ts';
import type { Workload } from '../../../src/simulator/workload.ts';
import { totals } from '../../allocation-server/support/ask.ts';
import { eventually } from '../../support/eventually.ts';
import type { Ledger } from './ledger.ts';
import { ANYBODY, MemoryBooks, MOST } from './memory-books.ts';
import type { Bytes, Place } from './memory-books.ts';

/** The dead keep their slots, of which a region has 64. */
const MOST_DEAD = 10;

/** Processes on one chip: every change of theirs goes through here and into the books, one at a time. */
export class Tenants {
  readonly place: Place;
  readonly living: Workload[] = [];
  readonly #host: SimulatedHost;
  readonly #books: MemoryBooks;
  readonly #graves: Set<number>;
  #turn: Promise<unknown> = Promise.resolve();
  #born = 0;

  /** `graves`: the numbers of the dead whose slots are left, of all places. */
  constructor(host: SimulatedHost, ledger: Ledger, place: Place, graves: Set<number>) {
    this.place = place;
    this.#host = host;
    this.#graves = graves;
    this.#books = new MemoryBooks(ledger, host.card(host.chip(place.chip).card).plan.pciAddress, place);
  }

  /** A new process, which takes some memory at once. No two places may do so at the same time. */
  start(random: () => number): Promise<void> {
    return this.#inTurn(async () => {
      const books = this.#books;
      books.beginTotals();
      // Its number is not known before it is there. It may be that of a dead one, who would seem to live again.
      for (const pid of [ANYBODY, ...books.dead.keys()]) books.beginLife(pid);
      const workload = await this.#startUnlike();
      this.living.push(workload);
      books.beginLife(workload.pid);
      await this.#hold(workload, random);
      for (const [pid, bytes] of books.dead) books.settleGone(pid, bytes);
      books.settleGone(ANYBODY, undefined);
      books.settleAlive(workload.pid);
    });
  }

  /** One of them allocates and frees. */
  change(random: () => number): Promise<void> {
    return this.#inTurn(async () => {
      const workload = this.living[Math.floor(random() * this.living.length)];
      if (workload === undefined) return;
      this.#books.beginHolding(workload.pid);
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

  stopAll(): Promise<void> {
    return this.#inTurn(() => this.#endAll('stop'));
  }

  /** Where too many have died: all end, and the region is removed. */
  tidyUp(): Promise<void> {
    return this.#inTurn(async () => {
      const books = this.#books;
      if (books.dead.size < MOST_DEAD) return;
      await this.#endAll('stop');
      books.beginTotals();
      const dead = [...books.dead.keys()];
      for (const pid of dead) books.beginDead(pid);
      rmSync(this.#host.regionPath(this.place.chip));
      books.dead.clear();
      for (const pid of dead) {
        books.settleDead(pid, undefined);
        this.#graves.delete(pid);
      }
    });
  }

  /** While the server restarts nothing of it is known; those who reported to it have no connection any more. */
  restartServer(restart: () => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      // The new one knows of nobody: each may be missing until it has ended.
      for (const { pid } of this.living) this.#books.beginLeaving(pid);
      await restart();
      // The new one begins with empty books.
      this.#books.held.clear();
      await this.#endAll('kill');
    });
  }

  /** While their chip has no name for the exporter; none of them changes meanwhile. */
  whileNameless(task: () => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      this.#books.beginNameless();
      await task();
      this.#books.settleNamed();
    });
  }

  async #endAll(how: 'kill' | 'stop'): Promise<void> {
    while (this.living.length > 0) await this.#end(how);
  }

  async #end(how: 'kill' | 'stop'): Promise<void> {
    const workload = this.living.shift();
    if (workload === undefined) return;
    const { pid } = workload;
    const bytes = this.#books.held.get(pid) ?? new Map();
    this.#books.beginLeaving(pid);
    await (how === 'kill' ? workload.kill() : workload.stop());
    this.#books.held.delete(pid);
    const remains = how === 'kill' && this.place.tracker === 'region';
    if (remains) this.#bury(pid, bytes);
    await this.#serverAgrees();
    this.#books.settleLeft(pid, remains ? bytes : undefined);
  }

  #bury(pid: number, bytes: Bytes): void {
    this.#books.dead.set(pid, bytes);
    this.#graves.add(pid);
  }

  async #hold(workload: Workload, random: () => number): Promise<void> {
    const bytes: Bytes = new Map(this.place.types.map((type) => [type, Math.floor(random() * MOST[type])]));
    const holdings: Holdings = Object.fromEntries(bytes);
    await workload.hold(this.place.chip, holdings);
    this.#books.held.set(workload.pid, bytes);
    await this.#serverAgrees();
    this.#books.settleHolding(workload.pid, bytes);
    this.#books.settleTotals();
  }

  /** One that has not the number of a dead one: it would take over the slot. */
  async #startUnlike(): Promise<Workload> {
    const { chip, tracker, seesNoOthers = false, regionVersion, types } = this.place;
    for (;;) {
      const name = `tenant-${chip}-${++this.#born}`;
      const workload = await startWorkload(this.#host, { name, chips: [chip], tracker, seesNoOthers, regionVersion });
      if (!this.#graves.has(workload.pid)) return workload;
      await workload.kill();
      const isNewSlot = tracker === 'region' && regionVersion === 4 && !this.#books.dead.has(workload.pid);
      if (isNewSlot) this.#bury(workload.pid, new Map(types.map((type) => [type, 0])));
    }
  }

  /** What is reported is in the books of a server only when it has read it. */
  async #serverAgrees(): Promise<void> {
    if (this.place.tracker !== 'server') return;
    const names = { dram: 'dram', trace: 'trace', l1: 'l1', l1_small: 'l1Small', cb: 'cb', kernel: 'kernel' } as const;
    const { chip, seesNoOthers = false, types } = this.place;
    const agrees = async (): Promise<boolean> => {
      const answer = await totals(this.#host.socket, 'C', seesNoOthers ? 0 : chip).catch(() => undefined);
      if (answer === undefined) return false;
      return types.every((type) => Number(answer[names[type]]) === this.#books.sum(type));
    };
    await eventually('the server to have taken every report', agrees, 30);
  }

  async #inTurn(task: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(task);
    this.#turn = turn.catch(() => undefined);
    await turn;
  }
}
