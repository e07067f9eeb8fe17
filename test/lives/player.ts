import { isAlive } from './life.ts';
import { isUsed } from './world-region.ts';
import type { Life } from './life.ts';
import type { Namespace } from './namespace.ts';
import type { Counter, RegionBook, Version } from './region-book.ts';
import type { World } from './world.ts';
import type { WorldRegion } from './world-region.ts';

/** What is peculiar to one world. */
export interface Customs {
  /** The tracker that most of its processes are built with. */
  readonly version: Version;
  readonly shape: RegionBook['shape'];
}

const MOST_PROCESSES = 8;
const MIB = 2 ** 20;

/** How often each thing happens, beside the others. */
const WEIGHTS = {
  start: 28,
  take: 26,
  free: 8,
  setCb: 4,
  fork: 6,
  leave: 6,
  kill: 14,
  linger: 0.7,
  restart: 5,
  closeDescriptors: 2,
  endLeader: 1,
  bury: 3,
  clean: 2,
  forge: 1,
  setClock: 1.5,
  deny: 0.5,
  allow: 5,
} as const;
type Move = keyof typeof WEIGHTS;

const ALL_WEIGHTS = Object.values<number>(WEIGHTS).reduce((sum, weight) => sum + weight, 0);

/** Does one thing after another to a world, all by one seed. */
export class Player {
  readonly #world: World;
  readonly #customs: Customs;
  readonly #random: () => number;
  #lastHostPid = 0;

  constructor(world: World, customs: Customs, random: () => number) {
    this.#world = world;
    this.#customs = customs;
    this.#random = random;
  }

  play(): void {
    this.#world.pass(this.#duration());
    let weight = this.#random() * ALL_WEIGHTS;
    for (const move of Object.keys(WEIGHTS) as Move[]) {
      weight -= WEIGHTS[move];
      if (weight >= 0) continue;
      this[move]();
      return;
    }
  }

  /** A process starts, and mostly opens one of the chips or both. */
  start(numbers?: { readonly namespace: Namespace; readonly hostPid?: number; readonly innerPids: readonly number[] }) {
    const world = this.#world;
    if (numbers === undefined && world.lives.size >= MOST_PROCESSES) return;
    const namespace = numbers?.namespace ?? this.#oneOf(world.namespaces) ?? world.hostNamespace;
    const innerPids = numbers?.innerPids ?? this.#innerPids(namespace);
    const hostPid = numbers?.hostPid ?? this.#hostPid();
    if (innerPids === undefined || hostPid === undefined) return;
    const stranger = this.#happens(0.04);
    this.#lastHostPid = hostPid;
    const version = stranger ? (this.#oneOf([2, 3, 4] as const) ?? 4) : this.#customs.version;
    const life = world.start({ namespace, hostPid, innerPids, version, opensDevice: true });
    // Tracking can be turned off.
    if (this.#happens(0.05)) return;
    const first = this.#happens(0.75) ? 'card' : 'remote';
    for (const region of world.regions.filter(isUsed)) {
      if (region.space !== namespace.space) continue;
      if (region.chip.place === first || this.#happens(0.2)) this.#open(life, region);
    }
  }

  take(): void {
    const [life, region] = this.#holder(0.2) ?? [];
    if (life === undefined || region === undefined) return;
    this.#world.work.record(life, region, this.#counter(region), Math.ceil(this.#random() * 64 * MIB));
  }

  /** Some of what it has taken, or all. */
  free(): void {
    const [life, region] = this.#holder(0) ?? [];
    if (life === undefined || region === undefined) return;
    const [counter, bytes] = this.#oneOf([...(life.holds.get(region)?.held ?? [])]) ?? ['dram', 0];
    if (bytes > 0)
      this.#world.work.record(life, region, counter, -Math.ceil(bytes * (this.#happens(0.5) ? 1 : this.#random())));
  }

  setCb(): void {
    const [life, region] = this.#holder(0) ?? [];
    if (life !== undefined && region !== undefined)
      this.#world.work.setCb(life, region, Math.floor(this.#random() * MIB));
  }

  fork(): void {
    const parent = this.#oneOf(this.#running().filter((life) => life.holds.size > 0));
    if (parent === undefined || this.#world.lives.size >= MOST_PROCESSES) return;
    const innerPids = this.#innerPids(parent.namespace);
    const hostPid = this.#hostPid();
    if (innerPids === undefined || hostPid === undefined) return;
    this.#lastHostPid = hostPid;
    const { namespace, version } = parent;
    this.#world.start({ namespace, hostPid, innerPids, version, parent, opensDevice: false });
  }

  leave(): void {
    const life = this.#oneOf(this.#running());
    if (life === undefined) return;
    this.#world.work.detach(life);
    if (this.#happens(0.8)) this.#world.end(life, 'gone');
  }

  kill(): void {
    const life = this.#oneOf(this.#world.living);
    if (life === undefined) return;
    this.#world.work.kill(life, this.#happens(0.15) ? 'zombie' : this.#happens(0.04) ? 'releasing' : 'clean');
  }

  /** A writer keeps its descriptors until it has released its slots. */
  linger(): void {
    const life = this.#oneOf(
      this.#running().filter(
        ({ version, holds }) => version === 4 && [...holds.values()].every(({ descriptor }) => descriptor),
      ),
    );
    if (life !== undefined) this.#world.work.beginRelease(life);
  }

  /** A process is killed, and another starts with its numbers: inner ones, and sometimes the host's too. */
  restart(): void {
    const life = this.#oneOf(this.#world.living);
    if (life === undefined) return;
    this.#world.work.kill(life);
    this.#world.pass(this.#happens(0.7) ? 500 : 1);
    const { namespace, hostPid, pids } = life;
    const same = namespace.parent === undefined || this.#happens(0.4);
    this.start({ namespace, innerPids: pids.slice(1), ...(same ? { hostPid } : {}) });
  }

  /** What is left is the mapping. */
  closeDescriptors(): void {
    const life = this.#oneOf(this.#running().filter((candidate) => candidate.holds.size > 0));
    if (life === undefined) return;
    for (const hold of life.holds.values()) hold.descriptor = false;
    this.#world.note(`${life.id} closes its descriptors`);
    this.#world.show(life);
  }

  endLeader(): void {
    const life = this.#oneOf(this.#running());
    if (life === undefined) return;
    life.stage = 'leaderless';
    this.#world.note(`${life.id} goes on without its first thread`);
    this.#world.show(life);
  }

  bury(): void {
    for (const life of this.#world.lives) if (life.stage === 'zombie') this.#world.end(life, 'gone');
  }

  clean(): void {
    const { regions } = this.#world;
    const idle = regions.filter((region) => region.book !== undefined && this.#world.holders(region).length === 0);
    const region = this.#oneOf(idle);
    if (region !== undefined) this.#world.work.remove(region);
  }

  /** With the numbers of living processes, and others. In a container a process must hold it, or nobody looks. */
  forge(): void {
    const region = this.#oneOf(this.#world.regions.filter(({ book }) => book === undefined));
    if (region === undefined || this.#customs.version === 1) return;
    const { space } = region;
    const liar = this.#oneOf(this.#running().filter(({ namespace }) => namespace.space === space));
    // A number that no card explains may be its own card's.
    if (space.isPrivate && (liar === undefined || region.chip.place !== 'unused')) return;
    const pids = new Set([1, ...this.#world.living.slice(0, 3).map((life) => life.ownPid), 77]);
    this.#world.work.forge(
      region,
      [...pids].map((pid) => ({ pid, dram: Math.ceil(this.#random() * MIB) })),
    );
    if (space.isPrivate && liar !== undefined) this.#world.work.hold(liar, region);
  }

  /** By seconds, hours or years, and sometimes to where no clock should be. */
  setClock(): void {
    const now = Number(this.#world.clock.now / 1_000_000n) / 1000;
    const steps = [3, 60, 3600, 86_400 * 30].map((range) => now + (this.#random() * 2 - 1) * range);
    const odd = [86_400 * 3, 2_200_000_000, 1_500_000_000];
    const seconds = this.#oneOf(this.#happens(0.85) ? steps : odd) ?? now;
    this.#world.setClock(seconds > Date.now() / 1000 && seconds < 2e9 ? 1_500_000_000 : seconds);
  }

  /** The exporter may not look at a process. */
  deny(): void {
    const life = this.#oneOf(this.#world.living);
    if (life !== undefined) this.#world.deny(life, true);
  }

  allow(): void {
    for (const life of this.#world.lives) this.#world.deny(life, false);
  }

  #open(life: Life, region: WorldRegion): void {
    const { version, shape } = this.#customs;
    // Whoever cuts a region of another size makes it unreadable: no part of this game.
    if (life.version !== version && region.book?.shape !== 'plain') return;
    this.#world.work.attach(life, region, life.version === 1 ? shape : 'plain');
  }

  #running(): Life[] {
    return [...this.#world.lives].filter((life) => life.stage === 'running' && !life.leaving);
  }

  /** One that attached, or rarely a child that writes with what it got. */
  #holder(child: number): readonly [Life, WorldRegion] | undefined {
    const holds = [...this.#world.lives]
      .filter((life) => isAlive(life) && !life.leaving)
      .flatMap((life) =>
        [...life.holds]
          .filter(([, { attached, writer }]) => attached || (writer !== undefined && this.#happens(child)))
          .map(([region]) => [life, region] as const),
      );
    return this.#oneOf(holds);
  }

  #counter({ book }: WorldRegion): Counter {
    const plain = this.#oneOf(['dram', 'dram', 'l1', 'l1_small', 'trace'] as const) ?? 'dram';
    return book?.shape === 'kernel' && this.#happens(0.2) ? 'kernel' : plain;
  }

  /** The next one mostly: as long as PIDs are given out in turn and few processes start, none comes back. */
  #hostPid(): number | undefined {
    const { free } = this.#world.hostNamespace;
    if (this.#happens(0.3)) return this.#oneOf(free);
    return free.find((pid) => pid > this.#lastHostPid) ?? free[0];
  }

  /** The lowest free number mostly, as a new namespace has it. */
  #innerPids(namespace: Namespace): readonly number[] | undefined {
    const pids: number[] = [];
    for (const { free } of namespace.path.slice(1)) {
      const pid = this.#happens(0.6) ? free[0] : this.#oneOf(free);
      if (pid === undefined) return undefined;
      pids.push(pid);
    }
    return pids;
  }

  /** In ticks: mostly moments, sometimes minutes or hours. */
  #duration(): number {
    const range = this.#oneOf([5, 100, 100, 1500, 1500, 30_000, 1_000_000]) ?? 1;
    return 1 + Math.floor(this.#random() * range);
  }

  #happens(probability: number): boolean {
    return this.#random() < probability;
  }

  #oneOf<T>(choices: readonly T[]): T | undefined {
    return choices[Math.floor(this.#random() * choices.length)];
  }
}
