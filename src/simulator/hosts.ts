import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedCard } from './card.ts';
import type { HostPlan } from './card-plan.ts';
import { chipsOf } from './chips.ts';
import type { SimulatedChip } from './chips.ts';
import { faultsEnvironment } from './faults-environment.ts';
import { FaultTable } from './fault-table.ts';
import { hostPlan } from './host-kinds.ts';
import type { HostKind } from './host-kinds.ts';
import { LoadedDriver } from './loaded-driver.ts';
import { SimulatedProcfs } from './procfs.ts';
import { seededRandom } from './random.ts';
import { hostEntries } from './sysfs-tree.ts';
import { writeTree } from './tree.ts';

export interface HostOptions {
  /** An empty or new folder; a temporary one by default. Either is removed by close(). */
  readonly root?: string;
  /** Of everything that moves: the same seed and the same steps give the same values. */
  readonly seed?: number;
  /** `2.8.0`; the kind's own by default. */
  readonly driverVersion?: string;
  /** Seconds since the epoch, for pages that are compared byte by byte; the real host's by default. */
  readonly bootTime?: number;
}

/**
 * A Tenstorrent host as folders. Its values are fixed until step() is called.
 */
export class SimulatedHost {
  readonly root: string;
  readonly sysfs: string;
  readonly procfs: string;
  readonly shm: string;
  /** Where an allocation server would listen. */
  readonly socket: string;
  /** In order of PCI address. */
  readonly cards: readonly SimulatedCard[];
  /** In order of TT-Metal's logical number. */
  readonly chips: readonly SimulatedChip[];
  readonly processes: SimulatedProcfs;
  readonly faults: FaultTable;
  readonly #driver: LoadedDriver;
  readonly #closers: (() => Promise<void> | void)[] = [];
  readonly #users = new Map<object, { readonly cards: readonly number[]; readonly load: number }>();
  #last: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(root: string, plan: HostPlan, options: HostOptions) {
    this.root = root;
    this.sysfs = join(root, 'sys');
    this.procfs = join(root, 'proc');
    this.shm = join(root, 'dev/shm');
    this.socket = join(root, 'tmp/tt_allocation_server.sock');
    for (const path of [this.sysfs, this.shm, join(root, 'tmp'), join(root, 'sys/bus/pci/devices')]) {
      mkdirSync(path, { recursive: true });
    }
    this.faults = new FaultTable(join(root, 'faults.json'));
    const { driverVersion } = plan;
    writeTree(root, hostEntries(driverVersion));
    this.#driver = new LoadedDriver(root);
    this.processes = new SimulatedProcfs(root, driverVersion, options.bootTime);
    this.cards = plan.cards.map((card, index) => {
      const random = seededRandom((options.seed ?? 1) * 1009 + index);
      return new SimulatedCard({ root, driverVersion, faults: this.faults, random }, index, card);
    });
    this.chips = chipsOf(plan.cards);
    for (const card of this.cards) enterState(card, plan.state);
  }

  /** The exporter's flags for this host. */
  flags(): string[] {
    return [
      `--path.sysfs=${this.sysfs}`,
      `--path.procfs=${this.procfs}`,
      `--path.shm=${this.shm}`,
      `--allocation-server.socket=${this.socket}`,
    ];
  }

  /** Environment for a program that is to see this host's faults: it and what it forks load faults-preload.ts. */
  faultsEnvironment(): Record<string, string> {
    return faultsEnvironment(this.faults.path);
  }

  card(index: number): SimulatedCard {
    const card = this.cards[index];
    if (card === undefined) throw new RangeError(`this host has no card ${index}: it has ${this.cards.length}`);
    return card;
  }

  chip(logicalId: number): SimulatedChip {
    const chip = this.chips[logicalId];
    if (chip === undefined) throw new RangeError(`this host has no chip ${logicalId}: it has ${this.chips.length}`);
    return chip;
  }

  /** Where the region of a chip is, or would be. */
  regionPath(logicalId: number): string {
    return join(this.shm, `tt_device_${this.chip(logicalId).chipId}_memory`);
  }

  /** Lets time pass for every card that is there. */
  step(seconds: number): void {
    for (const card of this.cards) {
      if (card.state !== 'unplugged') card.step(seconds);
    }
  }

  /** Says that somebody keeps cards busy, 0 to 1: a card goes by its busiest user. */
  use(user: object, cards: readonly number[], load: number): void {
    this.#users.set(user, { cards, load });
    this.#setLoads(cards);
  }

  /** The user is gone. */
  release(user: object): void {
    const cards = this.#users.get(user)?.cards ?? [];
    this.#users.delete(user);
    this.#setLoads(cards);
  }

  /**
   * One after another: TT-Metal's processes add to a region's counters atomically, which ours can do only if no two
   * write at the same time.
   */
  async inOrder<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(task);
    this.#last = turn.catch(() => undefined);
    return await turn;
  }

  setSensor(index: number, attribute: string, value: string | number): void {
    this.card(index).setSensor(attribute, value);
  }

  /** FIFOs stand in for the card's sensor files, until unblockSensor(). */
  blockSensor(index: number): void {
    this.card(index).block();
  }

  unblockSensor(index: number): void {
    this.card(index).unblock();
  }

  unplug(index: number): void {
    const driverIndex = this.card(index).driverIndex;
    this.card(index).unplug();
    if (driverIndex !== undefined) this.processes.forget(driverIndex);
  }

  replug(index: number, newDriverIndex: number): void {
    const taken = this.cards.some((card) => card.driverIndex === newDriverIndex);
    if (taken) throw new RangeError(`driver index ${newDriverIndex} is in use: unplug its card, or take another`);
    this.card(index).replug(newDriverIndex);
  }

  /** The driver goes: no card has a number, sensors or a list of holders until loadDriver(). No time may pass meanwhile. */
  unloadDriver(): void {
    this.#driver.unload(this.cards.filter(({ state }) => state !== 'unplugged'));
  }

  loadDriver(): void {
    this.#driver.load();
  }

  /** Has something ended with the host: last come, first ended. */
  onClose(closer: () => Promise<void> | void): void {
    this.#closers.push(closer);
  }

  /** Ends workloads and servers, lets go of who is blocked, and removes the folder. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    for (const closer of this.#closers.splice(0).reverse()) await closer();
    for (const card of this.cards) card.unblock();
    rmSync(this.root, { recursive: true, force: true });
  }

  #setLoads(cards: readonly number[]): void {
    for (const index of cards) {
      const loads = [...this.#users.values()].filter((user) => user.cards.includes(index)).map((user) => user.load);
      this.card(index).setLoad(Math.max(0, ...loads));
    }
  }
}

/** Builds a host of a kind, or of a plan of one's own. */
export function createSimulatedHost(kind: HostKind | HostPlan, options: HostOptions = {}): Promise<SimulatedHost> {
  const plan = typeof kind === 'string' ? hostPlan(kind) : kind;
  const root = options.root ?? mkdtempSync(join(tmpdir(), 'tt-host-'));
  const driverVersion = options.driverVersion ?? plan.driverVersion;
  // A promise, because a host can have parts that start: servers and processes.
  return Promise.resolve(new SimulatedHost(root, { ...plan, driverVersion }, options));
}

function enterState(card: SimulatedCard, state: HostPlan['state']): void {
  if (state === 'frozen') card.freeze();
  if (state === 'all-ones') card.allOnes();
  if (state === 'resetting') card.beginReset();
}
