import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { allOnesValue } from './all-ones.ts';
import { updateInPlace } from './attribute-file.ts';
import { BOARDS } from './boards.ts';
import type { CardPlan } from './card-plan.ts';
import { initialValues } from './card-values.ts';
import { FEATURES, atLeast } from './driver.ts';
import type { FaultTable } from './fault-table.ts';
import { release, standIn } from './fifo.ts';
import type { StandIn } from './fifo.ts';
import { flitsAt, telemetryAt, warm } from './sensor-motion.ts';
import type { Motion } from './sensor-motion.ts';
import { attributePaths, cardEntries, cardFolders, DEVICE_EVENTS, outerPaths, portEntries } from './sysfs-tree.ts';
import { writeTree } from './tree.ts';

/** `frozen`: the firmware hangs, so that readings are stale; `all-ones`: the chip is off the bus. */
export type SimulatedCardState = 'ok' | 'frozen' | 'all-ones' | 'resetting' | 'unplugged';

/** Attributes that the driver reads from the chip: these fail or block when the chip is not there. */
const FROM_CHIP = /^(tt_.+|(temp1|in0|curr1|power1|fan1)_(input|max))$/;

/** Where a card lives. */
export interface CardHome {
  readonly root: string;
  readonly driverVersion: string | undefined;
  readonly faults: FaultTable;
  readonly random: () => number;
}

/** One PCI function of a simulated host: its files, and what happens to it. */
export class SimulatedCard {
  /** Position in the order of PCI address. */
  readonly index: number;
  readonly #home: CardHome;
  #plan: CardPlan;
  #state: SimulatedCardState = 'ok';
  #motion: Motion = { load: 0, warmth: 0 };
  /** What the chip would say, whatever is shown. */
  #values: Map<string, string>;
  #shown: Map<string, string>;
  #blocked: StandIn[] = [];
  #removals = 0;

  constructor(home: CardHome, index: number, plan: CardPlan) {
    this.#home = home;
    this.index = index;
    this.#plan = plan;
    this.#values = initialValues(plan, home.driverVersion);
    this.#shown = new Map(this.#values);
    writeTree(home.root, portEntries(plan));
    writeTree(home.root, cardEntries(plan, home.driverVersion, this.#values));
  }

  get plan(): CardPlan {
    return this.#plan;
  }

  get state(): SimulatedCardState {
    return this.#state;
  }

  /** N of /dev/tenstorrent/N, while there is one. */
  get driverIndex(): number | undefined {
    return this.#state === 'unplugged' ? undefined : this.#plan.driverIndex;
  }

  /** The card's attributes by name: `tt_aiclk`, `temp1_input`, `current_link_width`, `pcie_perf_counters/…`, `aer_dev_fatal`. */
  get attributes(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** What the attribute says, in the driver's units. */
  value(attribute: string): string | undefined {
    return this.#shown.get(attribute);
  }

  /** The attribute's file. */
  path(attribute: string): string {
    const [path] = this.#paths([attribute]);
    if (path === undefined) throw new TypeError(`card ${this.index} has no attribute ${attribute}`);
    return path;
  }

  /** Gives an attribute that the card has a new value. It stays until step() moves that sensor again. */
  setSensor(attribute: string, value: string | number): void {
    this.path(attribute);
    this.#values.set(attribute, String(value));
    this.#show();
  }

  /** 0 idle to 1 busy: clocks follow at once, temperatures within a minute; all with step(). */
  setLoad(load: number): void {
    this.#motion = { ...this.#motion, load };
  }

  /** Lets time pass for the readings. A frozen card's stand still, only the PCIe counters go on. */
  step(seconds: number): void {
    this.#motion = warm(this.#motion, seconds);
    const { random } = this.#home;
    const next = [...flitsAt(this.#motion, this.#values, seconds, random)];
    if (this.#state !== 'frozen') next.push(...telemetryAt(this.#plan, this.#motion, this.#values, seconds, random));
    for (const [name, value] of next) this.#values.set(name, value);
    this.#show();
  }

  freeze(): void {
    this.#enter('frozen');
  }

  allOnes(): void {
    this.#enter('all-ones');
  }

  /** From driver 2.9 on reads give ENODATA (to a program with faults-preload); before, all ones. */
  beginReset(): void {
    this.#enter('resetting');
    if (!this.#guardsReset()) return;
    this.#home.faults.set(this.#paths(this.#fromChip()), { at: 'read', code: 'ENODATA' });
  }

  /** Ends any of these states. After a reset the counters start anew. */
  recover(): void {
    if (this.#state === 'unplugged') throw new TypeError(`card ${this.index} is unplugged: replug it`);
    if (this.#state === 'resetting') {
      this.#home.faults.clear(this.#paths(this.#fromChip()));
      for (const name of this.attributes) {
        if (name.startsWith('pcie_perf_counters/') || name === 'tt_heartbeat') this.#values.set(name, '0');
      }
    }
    this.#state = 'ok';
    this.#show();
  }

  /** Makes reads of one attribute fail: `EINVAL`, `E524`, `ENODATA`, `EACCES`, … (to a program with faults-preload). */
  failReads(attribute: string, code: string): void {
    this.#home.faults.set(this.#paths([attribute]), { at: 'read', code });
  }

  endFailure(attribute: string): void {
    this.#home.faults.clear(this.#paths([attribute]));
  }

  /**
   * Blocks every read that goes to the chip, until unblock(): FIFOs stand in for the files. A reader that has a file
   * open blocks too where it has faults-preload.
   */
  block(): void {
    if (this.#blocked.length > 0) return;
    const paths = this.#paths(this.#fromChip());
    this.#blocked = standIn(paths, join(this.#home.root, '.aside', String(this.index)));
    for (const { path, aside } of this.#blocked) this.#home.faults.set([aside], { at: 'read', block: path });
  }

  unblock(): void {
    const standIns = this.#blocked;
    if (standIns.length === 0) return;
    this.#blocked = [];
    this.#home.faults.clear(standIns.map(({ aside }) => aside));
    const values = new Map(this.attributes.map((name) => [this.path(name), `${this.value(name) ?? ''}\n`]));
    release(standIns, (path) => values.get(path) ?? '\n');
    this.#show();
  }

  /** Removes the card while it is in use: paths are gone, open descriptors give ENODEV (to a program with faults-preload). */
  unplug(): void {
    if (this.#state === 'unplugged') return;
    this.unblock();
    const { root, faults } = this.#home;
    faults.set(this.#paths(this.attributes), { at: 'read', code: 'ENODEV' });
    this.#state = 'unplugged';
    for (const path of outerPaths(this.#plan)) rmSync(join(root, path), { recursive: true, force: true });
    // Moved away, not deleted: a new file must not get an inode that has a fault on it.
    mkdirSync(join(root, '.gone'), { recursive: true });
    renameSync(join(root, cardFolders(this.#plan).pci), join(root, '.gone', `${this.index}-${this.#removals++}`));
    this.#countEvent();
  }

  /** The same board at the same PCI address again, with another number for the driver and, as on a real host, for hwmon. */
  replug(newDriverIndex: number): void {
    if (this.#state !== 'unplugged') throw new TypeError(`card ${this.index} is not unplugged`);
    const hwmon = this.#plan.hwmon.map((number) => number + 100);
    this.#plan = { ...this.#plan, driverIndex: newDriverIndex, hwmon };
    this.#values = initialValues(this.#plan, this.#home.driverVersion);
    this.#shown = new Map(this.#values);
    this.#motion = { load: this.#motion.load, warmth: 0 };
    this.#state = 'ok';
    writeTree(this.#home.root, cardEntries(this.#plan, this.#home.driverVersion, this.#values));
    this.#countEvent();
  }

  /** As the kernel does of each device that comes or goes. */
  #countEvent(): void {
    const path = join(this.#home.root, DEVICE_EVENTS);
    updateInPlace(path, `${Number(readFileSync(path, 'utf8')) + 1}\n`);
  }

  #enter(state: SimulatedCardState): void {
    if (this.#state !== 'ok') this.recover();
    this.#state = state;
    this.#show();
  }

  #guardsReset(): boolean {
    return atLeast(this.#home.driverVersion ?? '0.0.0', FEATURES.resetGuard);
  }

  #fromChip(): string[] {
    return this.attributes.filter((name) => FROM_CHIP.test(name));
  }

  #paths(attributes: readonly string[]): string[] {
    const folders = cardFolders(this.#plan);
    return attributes
      .filter((name) => this.#values.has(name))
      .flatMap((name) => attributePaths(folders, name).map((path) => join(this.#home.root, path)));
  }

  /** Writes what has changed, but nothing to a file that is away or that a FIFO stands in for. */
  #show(): void {
    if (this.#state === 'unplugged' || this.#blocked.length > 0) return;
    for (const [name, value] of this.#values) {
      const text = this.#replaced(name) ?? value;
      if (this.#shown.get(name) === text) continue;
      this.#shown.set(name, text);
      for (const path of this.#paths([name])) updateInPlace(path, `${text}\n`);
    }
  }

  #replaced(attribute: string): string | undefined {
    const version = this.#home.driverVersion;
    const dead = this.#state === 'all-ones' || (this.#state === 'resetting' && !this.#guardsReset());
    return dead && version !== undefined ? allOnesValue(BOARDS[this.#plan.board].arch, version, attribute) : undefined;
  }
}
