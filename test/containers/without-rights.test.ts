import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { GIB, MIB } from '../../src/simulator/patterns.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { startContainer } from '../support/docker/containers.ts';
import type { WorkloadContainer } from '../support/docker/containers.ts';
import { useEngine } from '../support/docker/engine.ts';
import type { Engine } from '../support/docker/engine.ts';
import { startExporter } from '../support/start-exporter.ts';
import type { RunningExporter } from '../support/start-exporter.ts';
import { memoryPage } from './memory-page.ts';

const NOBODY = 65_534;

/** The states of regions that are 1, and the rights that are missing. */
async function sayings(exporter: RunningExporter): Promise<string[]> {
  const { body } = await exporter.scrape();
  return parseExposition(Buffer.from(body), 'text')
    .flatMap(({ samples }) => samples)
    .flatMap(({ name, labels, value }) => {
      if (value !== 1) return [];
      if (name === 'tt_exporter_missing_rights') return [`lacks ${labels['right']}`];
      const isState = name === 'tt_memory_tracker_state' && labels['source'] === 'shared_memory';
      return isState ? [`device ${labels['device']} is ${labels['state']}`] : [];
    })
    .sort();
}

const BLIND = ['device 0 is unverifiable', 'lacks CAP_DAC_READ_SEARCH', 'lacks CAP_SYS_PTRACE'];

describe('of containers of a chip an exporter without the rights says', () => {
  let engine: Engine;
  before(async () => {
    engine = await useEngine();
  });
  after(() => engine.removeContainers());

  async function watched(t: TestContext): Promise<{ host: SimulatedHost; exporter: RunningExporter }> {
    const host = await createSimulatedHost('n150');
    t.after(() => host.close());
    chmodSync(host.root, 0o755);
    const exporter = await startExporter([...host.flags(), '--web.disable-exporter-metrics'], { uid: NOBODY });
    t.after(() => exporter.stop());
    return { host, exporter };
  }

  /** What can be said of a process that only holds the chip. */
  function holder({ pid, id }: WorkloadContainer, comm: string): string[] {
    return [
      `process_alive pid=${pid} = 1`,
      `process_info pid=${pid} namespace_pid=1 comm=${comm} container_id=${id} = 1`,
    ];
  }

  it('nothing of a private /dev/shm but that it may not look, which is not that there is no region', async (t) => {
    const { host, exporter } = await watched(t);
    const first = await startContainer(host, { name: 'vllm', chips: [0] });
    const second = await startContainer(host, { name: 'train', chips: [0] });
    await first.hold(0, { dram: GIB });
    await second.hold(0, { dram: 2 * GIB });
    assert.deepEqual(await sayings(exporter), BLIND);
    assert.deepEqual(await memoryPage(exporter), [...holder(first, 'vllm'), ...holder(second, 'train')].sort());
    await first.kill();
    assert.deepEqual(await sayings(exporter), BLIND);
    assert.deepEqual(await memoryPage(exporter), holder(second, 'train'));
  });

  it('only the number of the writer where two have it, and of nobody that it is dead or its memory orphaned', async (t) => {
    const { host, exporter } = await watched(t);
    const mounts = [{ source: host.shm, target: '/dev/shm', mode: 'rw' as const }];
    const apart = await startContainer(host, { name: 'train', chips: [0] });
    const shares = await startContainer(host, { name: 'vllm', chips: [0], mounts });
    await apart.hold(0, { dram: 2 * GIB });
    await shares.hold(0, { dram: MIB });
    chmodSync(host.regionPath(0), 0o644);
    const bytes = [
      `device_dram_allocated_bytes device=0 = ${MIB}`,
      `dram_allocated_bytes device=0 pid=?1 = ${MIB}`,
      'dram_unattributed_bytes device=0 = 0',
      'memory_regions device=0 state=unverifiable = 1',
      'process_info pid=?1 namespace_pid=1 comm=vllm container_id= = 1',
    ];
    const both = [...holder(apart, 'train'), ...holder(shares, 'vllm')];
    assert.deepEqual(await sayings(exporter), BLIND);
    assert.deepEqual(await memoryPage(exporter), [...bytes, ...both].sort());
    await Promise.all([apart.kill(), shares.kill()]);
    assert.deepEqual(await sayings(exporter), BLIND);
    assert.deepEqual(await memoryPage(exporter), bytes);
  });
});
