import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCollector } from '../../src/collect/collector.ts';
import { collectorConfig } from '../../src/flags/collector-config.ts';
import { defaultSettings } from '../../src/flags/parse.ts';
import { createInlineLaneReader } from '../../src/io/inline-lane-reader.ts';
import type { Collector } from '../../src/collect/types.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import { Denial } from './denial.ts';
import { PassingTime } from './passing-time.ts';
import { findShmMount } from './shm-mount.ts';
import { stillCards } from './still-cards.ts';
import { World } from './world.ts';
import type { WorldOptions } from './world.ts';

/** Regions are on a tmpfs, and nothing else is as fast. */
const SHM_MOUNT = findShmMount();
const FOLDER = SHM_MOUNT === undefined ? tmpdir() : '/dev/shm';

/** How the exporter says that a machine was too slow for it: then a region is left out, and it says so. */
const LATE = new Set(['blocked', 'deadline']);

export interface StageOptions extends Pick<WorldOptions, 'bootSeconds' | 'belowHost'> {
  /** Some containers have a /dev/shm of their own, where this machine can show that. */
  readonly privateShm: boolean;
  /** An allocation server is asked, where there is one. */
  readonly hasServer: boolean;
}

/** A world with an exporter's collector before it. One at a time: clocks and rights of the whole program are its. */
export class Stage implements AsyncDisposable {
  readonly world: World;
  readonly hasServer: boolean;
  readonly #collector: Collector;
  readonly #parts: DisposableStack;
  readonly #late: Set<string>;

  static async open({ bootSeconds, belowHost, privateShm, hasServer }: StageOptions): Promise<Stage> {
    const parts = new DisposableStack();
    const root = mkdtempSync(join(FOLDER, 'lives-'));
    parts.defer(() => {
      rmSync(root, { recursive: true, force: true });
    });
    const denial = parts.use(new Denial());
    const time = parts.use(new PassingTime());
    const world = await World.create({
      root,
      bootSeconds,
      denial,
      belowHost,
      privateShm: privateShm ? SHM_MOUNT : undefined,
      passTime: (milliseconds) => {
        time.pass(milliseconds);
      },
    });
    const late = new Set<string>();
    return new Stage(world, hasServer, await collectorOf(world, hasServer, late), parts, late);
  }

  private constructor(
    world: World,
    hasServer: boolean,
    collector: Collector,
    parts: DisposableStack,
    late: Set<string>,
  ) {
    this.world = world;
    this.hasServer = hasServer;
    this.#collector = collector;
    this.#parts = parts;
    this.#late = late;
  }

  /** undefined where the machine was too slow to read everything. */
  async collect(): Promise<Snapshot | undefined> {
    this.#late.clear();
    this.world.look();
    const deadlineAt = performance.now() + 30_000;
    const snapshot = await this.#collector.collect({ collectors: undefined, deadlineAt });
    return this.#late.size === 0 ? snapshot : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#collector.close();
    await this.world.close();
    this.#parts.dispose();
  }
}

function collectorOf({ host }: World, hasServer: boolean, late: Set<string>): Promise<Collector> {
  const config = {
    ...collectorConfig(defaultSettings()),
    sysfsPath: host.sysfs,
    procfsPath: host.procfs,
    shmPath: host.shm,
    podLogsPath: '/nowhere',
    podResourcesSocket: undefined,
    socketPath: host.socket,
    collectors: [...(hasServer ? ['allocation_server'] : []), 'shared_memory', 'procfs', 'sysfs'],
    pcieCounters: false,
    maxProcesses: 0,
  };
  return createCollector(config, {
    lanes: stillCards(createInlineLaneReader()),
    onError: (_, { reason, message }) => {
      if (LATE.has(reason)) late.add(message);
    },
  });
}
