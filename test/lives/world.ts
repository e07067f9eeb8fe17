import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { hostPlan, plannedCard } from '../../src/simulator/host-kinds.ts';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { WorldClock } from './clock.ts';
import { isAlive, name } from './life.ts';
import { Namespace } from './namespace.ts';
import { ownMountNamespace } from './shm-mount.ts';
import { WorldProc } from './world-proc.ts';
import { RegionWork } from './region-work.ts';
import { isUsed, worldRegion } from './world-region.ts';
import type { Denial } from './denial.ts';
import type { DeviceFile, Life } from './life.ts';
import type { Version } from './region-book.ts';
import type { ShmSpace } from './namespace.ts';
import type { ShmMount } from './shm-mount.ts';
import type { WorldChip, WorldRegion } from './world-region.ts';

export interface WorldOptions {
  /** A new folder, on a tmpfs where there is one. */
  readonly root: string;
  readonly bootSeconds: number;
  readonly denial: Denial;
  /** /proc is that of a namespace below the host's, as in a container: nothing can be proven. */
  readonly belowHost: boolean;
  /** Set where some containers have a /dev/shm of their own, which is found through their descriptors. */
  readonly privateShm: ShmMount | undefined;
  /** Told of time that passes, in milliseconds. */
  readonly passTime: (milliseconds: number) => void;
}

export interface Birth {
  readonly namespace: Namespace;
  readonly hostPid: number;
  /** In the namespaces below the host's, outermost first. */
  readonly innerPids: readonly number[];
  readonly version: Version;
  readonly parent?: Life;
  readonly opensDevice: boolean;
}

const HOST_PIDS = Array.from({ length: 40 }, (_, index) => 2000 + index);
/** As long as a process may be left alone whose descriptors led to no further region. */
const QUIET_TICKS = 1300;
/** Few, so that they collide; the last ones are host PIDs too. */
const INNER_PIDS = [1, 2, 3, 4, 2003, 2004];

/**
 * A host whose processes are only files: a folder as /proc, a folder as /dev/shm with regions by simulated writers, and
 * the truth about both.
 */
export class World {
  readonly clock: WorldClock;
  readonly host: SimulatedHost;
  readonly chips: readonly WorldChip[];
  readonly regions: readonly WorldRegion[];
  readonly hostNamespace: Namespace;
  readonly namespaces: readonly Namespace[];
  /** Everybody who is in /proc. */
  readonly lives = new Set<Life>();
  /** How many there have been. */
  born = 0;
  /** What has been done, for the report of a failure. */
  readonly diary: string[] = [];
  readonly work = new RegionWork(this);
  readonly #proc: WorldProc;
  readonly #options: WorldOptions;
  readonly #deviceFiles = new Set<DeviceFile>();

  static async create(options: WorldOptions): Promise<World> {
    const { driverVersion, cards } = hostPlan('n300');
    // The driver's number 1 is nobody's: its list of openers stays empty.
    const plan = { driverVersion, cards: [...cards, plannedCard('n150', 1, '0000:41:00.0')] };
    const host = await createSimulatedHost(plan, { root: options.root, bootTime: options.bootSeconds });
    return new World(host, options);
  }

  private constructor(host: SimulatedHost, options: WorldOptions) {
    this.host = host;
    this.#options = options;
    this.clock = new WorldClock(options.bootSeconds);
    this.#proc = new WorldProc(host.procfs, this.clock.bootSeconds, options.privateShm);
    if (options.belowHost) this.#proc.putBelowHost();
    const shared = { folder: host.shm, mountNamespace: ownMountNamespace(), isPrivate: false };
    const own = options.privateShm === undefined ? [] : ['b', 'c'].map((name) => privateSpace(host.root, name));
    this.hostNamespace = new Namespace('host', shared, HOST_PIDS);
    this.namespaces = namespacesOf(this.hostNamespace, own);
    const spaces = [shared, ...own];
    this.chips = chipsOf(host);
    this.regions = this.chips.flatMap((chip) =>
      spaces.map((space, index) => worldRegion(chip, space, chip.deviceId * spaces.length + index)),
    );
  }

  get living(): Life[] {
    return [...this.lives].filter(isAlive);
  }

  /** Host PIDs in the driver's list, each once. */
  get openers(): number[] {
    return [...new Set([...this.#deviceFiles].map(({ opener }) => opener))];
  }

  /** Something may not be looked at. */
  get blind(): boolean {
    return this.#options.belowHost || [...this.lives].some((life) => life.denied);
  }

  pass(ticks: number): void {
    this.clock.ticks += ticks;
    this.#options.passTime(ticks * 10);
  }

  setClock(seconds: number): void {
    this.clock.set(seconds);
    this.#proc.setBootTime(this.clock.bootSeconds);
    this.note(`clock set to ${seconds}`);
  }

  note(text: string): void {
    this.diary.push(`${this.clock.ticks}: ${text}`);
  }

  start({ namespace, hostPid, innerPids, version, parent, opensDevice }: Birth): Life {
    this.pass(1);
    const pids = [hostPid, ...innerPids];
    const device = opensDevice ? this.#openDevice(hostPid) : parent?.device;
    const life: Life = {
      id: ++this.born,
      hostPid,
      namespace,
      pids,
      ownPid: pids.at(-1) ?? hostPid,
      startTicks: this.clock.ticks,
      parent,
      version,
      holds: new Map(),
      device,
      stage: 'running',
      leaving: false,
      denied: false,
    };
    for (const [index, space] of namespace.path.entries()) space.members.set(pids[index] ?? hostPid, life);
    device?.sharedBy.add(life);
    for (const [region, { descriptor, writer }] of parent?.holds ?? []) {
      life.holds.set(region, { descriptor, writer, attached: false, held: new Map() });
    }
    this.lives.add(life);
    this.#proc.start(life);
    this.#listOpeners();
    this.note(`${name(life)} starts as ${pids.join('/')} in ${namespace.name}${parent ? ` from ${name(parent)}` : ''}`);
    return life;
  }

  /** It is in /proc no more, or as a zombie only. */
  end(life: Life, stage: 'zombie' | 'gone'): void {
    life.stage = stage;
    life.holds.clear();
    this.deny(life, false);
    if (life.device?.sharedBy.delete(life) === true && life.device.sharedBy.size === 0) {
      this.#deviceFiles.delete(life.device);
    }
    if (stage === 'gone') {
      this.lives.delete(life);
      this.#proc.remove(life);
      for (const [index, space] of life.namespace.path.entries()) space.members.delete(life.pids[index] ?? 0);
    } else this.show(life);
    this.#listOpeners();
  }

  deny(life: Life, denied: boolean): void {
    if (life.denied !== denied) this.note(`${name(life)} may ${denied ? 'not ' : ''}be looked at`);
    life.denied = denied;
    const folder = this.#proc.folderOf(life);
    if (denied) this.#options.denial.folders.add(folder);
    else this.#options.denial.folders.delete(folder);
  }

  /** Brings a process's folder up to what it holds now. */
  show(life: Life): void {
    this.#proc.show(life);
  }

  /**
   * Notes which regions can be found now: one in a private /dev/shm only through a descriptor of a process that the
   * driver's list has, and those whose descriptors led to nothing new are not looked at again for some seconds.
   */
  look(): void {
    this.#proc.update();
    for (const region of this.regions) {
      if (!region.space.isPrivate) {
        region.visible = region.book === undefined ? 'no' : 'yes';
        continue;
      }
      const holders = this.#showing(region).join();
      if (holders !== region.shownBy.holders) region.shownBy = { holders, ticks: this.clock.ticks };
      const isSettled = this.clock.ticks - region.shownBy.ticks > QUIET_TICKS;
      region.visible = holders === '' ? 'no' : isSettled ? 'yes' : 'late';
    }
  }

  #showing(region: WorldRegion): number[] {
    const { openers } = this;
    const showing = this.holders(region).filter((life) => {
      const isSeen = life.stage === 'running' && !life.denied && openers.includes(life.hostPid);
      return isSeen && life.holds.get(region)?.descriptor === true;
    });
    return showing.map(({ id }) => id);
  }

  /** Whether its bytes are believed: in a private /dev/shm only of the card that its processes have open. */
  isTrusted(region: WorldRegion): boolean {
    return !region.space.isPrivate || isUsed(region);
  }

  /** The living that hold a region, by descriptor or mapping. */
  holders(region: WorldRegion): Life[] {
    return this.living.filter((life) => life.holds.has(region));
  }

  async close(): Promise<void> {
    for (const life of this.lives) this.deny(life, false);
    this.work.close();
    await this.host.close();
  }

  #openDevice(opener: number): DeviceFile {
    const file = { opener, sharedBy: new Set<Life>() };
    this.#deviceFiles.add(file);
    return file;
  }

  #listOpeners(): void {
    this.#proc.listOpeners([...this.#deviceFiles].map(({ opener }) => opener));
  }
}

function privateSpace(root: string, name: string): ShmSpace {
  const folder = join(root, `shm-${name}`);
  mkdirSync(folder);
  return { folder, mountNamespace: `mnt:[40265330${name.charCodeAt(0)}]`, isPrivate: true };
}

function namespacesOf(host: Namespace, [first = host.space, second = host.space]: readonly ShmSpace[]): Namespace[] {
  const outer = new Namespace('pod-a', host.space, INNER_PIDS, host);
  return [
    host,
    outer,
    new Namespace('nested', host.space, INNER_PIDS, outer),
    new Namespace('pod-b', first, INNER_PIDS, host),
    new Namespace('pod-c', second, INNER_PIDS, host),
  ];
}

function chipsOf(host: SimulatedHost): WorldChip[] {
  const known = host.chips.map(({ chipId, card, remote }): Omit<WorldChip, 'deviceId'> => {
    return { chipId, place: remote ? 'remote' : card === 0 ? 'card' : 'unused' };
  });
  const all = [...known, { chipId: 0x5eed_0000n, place: 'nowhere' } as const];
  return all.map((chip, deviceId) => ({ ...chip, deviceId }));
}
