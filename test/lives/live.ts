import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createCollector } from '../../src/collect/collector.ts';
import { collectorConfig } from '../../src/flags/collector-config.ts';
import { defaultSettings } from '../../src/flags/parse.ts';
import { createInlineLaneReader } from '../../src/io/inline-lane-reader.ts';
import { seededRandom } from '../../src/simulator/random.ts';
import type { Collector } from '../../src/collect/types.ts';
import { Denial } from './denial.ts';
import { Judge } from './judge.ts';
import { RestartingServer } from './restarting-server.ts';
import { Player } from './player.ts';
import { findShmMount } from './shm-mount.ts';
import { emptyTally } from './tally.ts';
import { World } from './world.ts';
import type { Customs } from './player.ts';
import type { Sight } from './truth.ts';
import type { Tally } from './tally.ts';

/** A world where something untrue was said. */
export class LivesError extends Error {
  readonly seed: number;
  /** The last things that happened. */
  readonly diary: readonly string[];

  constructor(seed: number, diary: readonly string[], cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const command = `node test/lives/main.ts --seed=${seed} --lives=1`;
    super(`${reason}\n\nwhat happened:\n${diary.slice(-60).join('\n')}\n\nagain with: ${command}`, { cause });
    this.seed = seed;
    this.diary = diary;
  }
}

/** Worlds are small: what one leaves behind is no burden for the next, and a failure has a short story. */
const LIVES_OF_A_WORLD = 100;

/** The exporter looks again after that long where it could not see everything. */
const RETRY_TICKS = 6000;

/** In some worlds the regions' st_ctime has come of age before each collection, so that it can be relied on. */
const SLOW_WORLDS = 0.015;
const AGE_MS = 25;

/** Regions are on a tmpfs, and nothing else is as fast. */
const SHM_MOUNT = findShmMount();
const FOLDER = SHM_MOUNT === undefined ? tmpdir() : '/dev/shm';

/**
 * Plays worlds until there have been that many lives, the first one with this seed, each further one with the next.
 * Throws LivesError.
 */
export async function playLives(lives: number, seed: number, onWorld?: (tally: Tally) => void): Promise<Tally> {
  const tally = emptyTally();
  for (let next = seed; tally.lives < lives; next += 1) {
    await playWorld(next, tally);
    onWorld?.(tally);
  }
  return tally;
}

async function playWorld(seed: number, tally: Tally): Promise<void> {
  const root = mkdtempSync(join(FOLDER, 'lives-'));
  using denial = new Denial();
  using time = new PassingTime();
  const random = seededRandom(seed);
  const bootSeconds = 1_420_000_000 + Math.floor(random() * 3e8);
  const passTime = (milliseconds: number) => {
    time.pass(milliseconds);
  };
  const belowHost = random() < 0.04;
  const privateShm = random() < 0.3 ? SHM_MOUNT : undefined;
  const world = await World.create({ root, bootSeconds, denial, belowHost, privateShm, passTime });
  const server = random() < 0.05 ? new RestartingServer(world) : undefined;
  const late = new Set<string>();
  const collector = await collectorOf(world, late);
  const game = { world, collector, random, tally, server, late };
  try {
    await playSteps(game);
  } catch (error) {
    throw new LivesError(seed, world.diary, error);
  } finally {
    tally.lives += world.born;
    await collector.close();
    await server?.close();
    await world.close();
    rmSync(root, { recursive: true, force: true });
  }
}

interface Game {
  readonly world: World;
  readonly collector: Collector;
  readonly random: () => number;
  readonly tally: Tally;
  readonly server: RestartingServer | undefined;
  /** What the collection did not come to in its time. */
  readonly late: Set<string>;
}

async function playSteps({ world, collector, random, tally, server, late }: Game): Promise<void> {
  const player = new Player(world, customs(random), random);
  const isSlow = random() < SLOW_WORLDS;
  let sawAllSince = 0;
  while (world.born < LIVES_OF_A_WORLD) {
    player.play();
    if (server !== undefined && random() < 0.1) await server.restart();
    if (random() < 0.5) continue;
    if (world.blind) sawAllSince = world.clock.ticks + RETRY_TICKS;
    if (isSlow) await setTimeout(AGE_MS);
    const sight: Sight = world.blind ? 'blind' : world.clock.ticks > sawAllSince ? 'all' : 'retry';
    world.note(`collection (${sight})`);
    world.look();
    const snapshot = await collector.collect({ collectors: undefined, deadlineAt: performance.now() + 30_000 });
    if (late.size === 0) new Judge(world, sight, tally).judge(snapshot);
    else tally.late += 1;
    late.clear();
  }
}

function customs(random: () => number): Customs {
  const [version = 4, shape = 'plain'] = WORLDS[Math.floor(random() * WORLDS.length)] ?? ([] as const);
  return { version, shape };
}

const WORLDS = [
  [4, 'plain'],
  [4, 'plain'],
  [4, 'plain'],
  [3, 'plain'],
  [3, 'plain'],
  [2, 'plain'],
  [1, 'plain'],
  [1, 'padded'],
  [1, 'kernel'],
] as const;

/** How the exporter says that a machine was too slow for it: then a region is left out, and it says so. */
const LATE = new Set(['blocked', 'deadline']);

async function collectorOf({ host }: World, late: Set<string>): Promise<Collector> {
  const config = {
    ...collectorConfig(defaultSettings()),
    sysfsPath: host.sysfs,
    procfsPath: host.procfs,
    shmPath: host.shm,
    podLogsPath: '/nowhere',
    podResourcesSocket: undefined,
    socketPath: host.socket,
    collectors: ['allocation_server', 'shared_memory', 'procfs', 'sysfs'],
    pcieCounters: false,
    maxProcesses: 0,
  };
  return createCollector(config, {
    lanes: createInlineLaneReader(),
    onError: (_, { reason, message }) => {
      if (LATE.has(reason)) late.add(message);
    },
  });
}

/** The clock that the exporter's own patience goes by: it runs ahead by the time that passes in the world. */
class PassingTime implements Disposable {
  readonly #real = performance.now.bind(performance);
  #ahead = 0;

  constructor() {
    performance.now = () => this.#real() + this.#ahead;
  }

  pass(milliseconds: number): void {
    this.#ahead += milliseconds;
  }

  [Symbol.dispose](): void {
    performance.now = this.#real;
  }
}
