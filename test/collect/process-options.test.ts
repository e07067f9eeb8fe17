import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createCollector } from '../../src/collect/collector.ts';
import type { CollectorOptions } from '../../src/collect/collector.ts';
import type { Collector, CollectorConfig } from '../../src/collect/types.ts';
import { collectorConfig } from '../../src/flags/collector-config.ts';
import { defaultSettings } from '../../src/flags/parse.ts';
import { createInlineLaneReader } from '../../src/io/inline-lane-reader.ts';
import type { ServerProcess } from '../../src/sources/allocation-server/types.ts';
import type { Source } from '../../src/sources/source.ts';
import { hostProcess, memory, procfs, server, serverDevice } from '../support/readings.ts';

/** A source that gives what `read` says, at once. */
function source(name: string, read: () => unknown): Source<unknown> {
  return {
    name,
    start: () => {
      const state = { outcome: 'ok', data: read(), errors: [], durationSeconds: 0 } as const;
      return { done: Promise.resolve(), state: () => state };
    },
    close: () => Promise.resolve(),
  };
}

function serverProcess(pid: number, dram: number): ServerProcess {
  return {
    reportedPid: pid,
    hostPid: pid,
    startTimeSeconds: undefined,
    bytes: memory({ dram }),
    hostBytes: undefined,
    liveBuffers: memory({ dram: 1 }),
    oldestBufferSeconds: 1000 + pid,
    lastActivitySeconds: undefined,
    cbMaxCoreBytes: undefined,
    partial: false,
  };
}

/** A collector of one chip whose processes are those of `processes` at the moment. */
function collectorOf(
  processes: () => readonly ServerProcess[],
  config: Partial<CollectorConfig>,
  options: Partial<CollectorOptions> = {},
): Promise<Collector> {
  const reading = () => server([serverDevice(0, { dram: 1000 }, { processes: processes() })]);
  const host = procfs({ processes: [1, 2, 3].map((pid) => hostProcess(pid, { uid: 1000 + pid })) });
  return createCollector(
    { ...collectorConfig(defaultSettings()), ...config },
    {
      lanes: createInlineLaneReader(),
      sources: () => [source('allocation_server', reading), source('procfs', () => host)],
      ...options,
    },
  );
}

const scrape = (collector: Collector) =>
  collector.collect({ collectors: undefined, deadlineAt: performance.now() + 5000 });

describe('a collector', () => {
  it('remembers from one scrape to the next which processes it showed, and sums up the others', async () => {
    let sizes = [100, 99, 98];
    const collector = await collectorOf(() => sizes.map((dram, at) => serverProcess(at + 1, dram)), {
      maxProcesses: 1,
    });
    const shown = async () => {
      const { devices, processesFolded } = await scrape(collector);
      return [
        processesFolded,
        ...(devices[0]?.memory?.processes ?? []).map(({ pid, bytes }) => `${pid} ${bytes.dram}`),
      ];
    };
    assert.deepEqual(await shown(), [2, '1 100', 'other 197']);
    sizes = [100, 120, 90];
    assert.deepEqual(await shown(), [2, '1 100', 'other 210']);
    sizes = [100, 126, 90];
    assert.deepEqual(await shown(), [2, '2 126', 'other 190']);
    const { devices } = await scrape(collector);
    assert.deepEqual(devices[0]?.memory?.processes?.[1]?.detail, {
      hostBytes: undefined,
      liveBuffers: memory({ dram: 2 }),
      oldestBufferSeconds: 1001,
      lastActivitySeconds: undefined,
      cbMaxCoreBytes: undefined,
    });
    await collector.close();
  });

  it('looks users up where they are to be shown, and not otherwise', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'collector-'));
    t.after(() => rm(folder, { recursive: true }));
    const passwdFile = join(folder, 'passwd');
    await writeFile(passwdFile, 'alice:x:1001:1001\n');
    for (const [processUser, expected] of [
      [true, ['alice', '1002']],
      [false, ['', '']],
    ] as const) {
      const collector = await collectorOf(
        () => [serverProcess(1, 5), serverProcess(2, 5)],
        { processUser },
        { passwdFile },
      );
      const { processes } = await scrape(collector);
      assert.deepEqual(
        processes.map(({ user }) => user),
        expected,
      );
      await collector.close();
    }
  });

  it('says nothing of single processes with detail workload', async () => {
    const collector = await collectorOf(() => [serverProcess(1, 5)], { processDetail: 'workload' });
    const { processes, devices } = await scrape(collector);
    assert.deepEqual([processes, devices[0]?.memory?.processes], [[], undefined]);
    assert.deepEqual(devices[0]?.memory?.workloads, [{ kind: 'none', workload: '', bytes: memory({ dram: 5 }) }]);
    await collector.close();
  });
});
