import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Deadline } from '../../../src/collect/deadline.ts';
import { createAllocationServerSource } from '../../../src/sources/allocation-server/source.ts';
import type { AllocationServerSource } from '../../../src/sources/allocation-server/source.ts';
import type { AllocationServerReading, ServerDevice } from '../../../src/sources/allocation-server/types.ts';
import type { SourceState } from '../../../src/sources/source.ts';
import { startStockServer } from '../../../src/simulator/stock-server.ts';
import type { StockServer, StockServerOptions } from '../../../src/simulator/stock-server.ts';
import type { SimulatedDevice } from '../../../src/simulator/stock-device-info.ts';
import { noMemory } from '../../../src/snapshot/memory-types.ts';

export const N150: SimulatedDevice = {
  arch: 'wormhole',
  dramBytes: 12 * 2 ** 30,
  dramChannels: 6,
  l1Bytes: 95_944_704,
  l1BytesPerCore: 1_499_136,
  ring: { totalSize: 68_000, usedBytes: 1024, programs: 2 },
};

/** Long enough for anything that comes at all. */
export const PLENTY = 20_000;
/** For what never comes: the shortest time that a connection surely gets answers in. */
export const SHORT = 300;

/** A folder of the test's own, and what has to be undone after it, last first. */
export interface Scene {
  readonly path: string;
  defer(undo: () => Promise<unknown>): void;
  source(options?: { readonly trustedOwner?: string; readonly ownUid?: number }): AllocationServerSource;
  stock(options: Partial<StockServerOptions>): Promise<StockServer>;
}

export async function newScene(t: TestContext): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-server-'));
  const path = join(folder, 'server.sock');
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  t.after(async () => {
    for (const each of undo.reverse()) await each();
  });
  const defer = (each: () => Promise<unknown>): void => {
    undo.push(each);
  };
  return {
    path,
    defer,
    source(options = {}) {
      return createAllocationServerSource({ socketPath: path, trustedOwner: undefined, ...options });
    },
    async stock(options) {
      const server = await startStockServer({ path, dialect: 'C', devices: [N150], ...options });
      defer(() => server.close());
      return server;
    },
  };
}

/** One whole run. */
export async function scrape(
  source: AllocationServerSource,
  milliseconds = PLENTY,
): Promise<SourceState<AllocationServerReading>> {
  const deadline = Deadline.after(milliseconds);
  const run = source.start({ deadline, wantedFiles: Promise.resolve([]) });
  await run.done;
  deadline.dispose();
  return run.state();
}

export function reasons(state: SourceState<unknown>): string[] {
  return state.errors.map((error) => error.reason);
}

/** Waits for what another side does; fails where it does not come. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + PLENTY;
  while (performance.now() < end) {
    if (await condition()) return;
    await sleep(2);
  }
  assert.fail(`did not come: ${what}`);
}

export async function openDescriptors(): Promise<number> {
  return (await readdir('/proc/self/fd')).length;
}

/** A stock server's device with nothing allocated on it. */
export function bareDevice(id: number, dialect: 'A' | 'B' | 'C'): ServerDevice {
  return {
    id,
    capacity: { dramBytes: undefined, l1Bytes: undefined, l1BytesPerCore: undefined, arch: undefined },
    totals: {
      ...noMemory(),
      dram: 0,
      trace: 0,
      l1: 0,
      l1_small: 0,
      ...(dialect === 'C' && { cb: 0, kernel: 0 }),
    },
    ring: undefined,
    processes: undefined,
    counters: undefined,
    peakBytes: undefined,
    largestFreeBlockBytes: undefined,
    lastFailedAllocationBytes: undefined,
    lastUpdateSeconds: undefined,
  };
}
