import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { GIB, MIB } from '../../src/simulator/patterns.ts';
import { startContainer } from '../support/docker/containers.ts';
import type { WorkloadContainer } from '../support/docker/containers.ts';
import { useEngine } from '../support/docker/engine.ts';
import type { Engine } from '../support/docker/engine.ts';
import { startExporter } from '../support/start-exporter.ts';
import type { RunningExporter } from '../support/start-exporter.ts';
import { memoryPage } from './memory-page.ts';

describe("of containers that share the host's /dev/shm the exporter says", () => {
  let engine: Engine;
  before(async () => {
    engine = await useEngine();
  });
  after(() => engine.removeContainers());

  async function watched(t: TestContext): Promise<{ host: SimulatedHost; exporter: RunningExporter }> {
    const host = await createSimulatedHost('n150');
    t.after(() => host.close());
    const exporter = await startExporter([...host.flags(), '--web.disable-exporter-metrics']);
    t.after(() => exporter.stop());
    return { host, exporter };
  }

  /** With the host's /dev/shm mounted; PIDs of its own, or another container's. */
  async function start(host: SimulatedHost, name: string, withPidsOf?: WorkloadContainer): Promise<WorkloadContainer> {
    const mounts = [{ source: host.shm, target: '/dev/shm', mode: 'rw' as const }];
    const pids = withPidsOf === undefined ? {} : { pidMode: `container:${withPidsOf.id}` };
    return await startContainer(host, { name, chips: [0], mounts, ...pids });
  }

  it("the host's PID and the container, and in the scrape after a SIGKILL that the bytes are orphaned", async (t) => {
    const { host, exporter } = await watched(t);
    const workload = await start(host, 'vllm');
    const { id, pid } = workload;
    await workload.hold(0, { dram: GIB });
    assert.deepEqual(await memoryPage(exporter), [
      `device_dram_allocated_bytes device=0 = ${GIB}`,
      `dram_allocated_bytes device=0 pid=${pid} = ${GIB}`,
      'dram_orphaned_bytes device=0 pid= = 0',
      'dram_unattributed_bytes device=0 = 0',
      'memory_regions device=0 state=live = 1',
      `process_alive pid=${pid} = 1`,
      `process_info pid=${pid} namespace_pid=1 comm=vllm container_id=${id} = 1`,
    ]);
    await workload.kill();
    assert.deepEqual(await memoryPage(exporter), [
      `device_dram_allocated_bytes device=0 = ${GIB}`,
      `dram_allocated_bytes device=0 pid=?1 = ${GIB}`,
      `dram_orphaned_bytes device=0 pid=?1 = ${GIB}`,
      'dram_unattributed_bytes device=0 = 0',
      'memory_regions device=0 state=ghost = 1',
      'process_alive pid=?1 = 0',
      'process_info pid=?1 namespace_pid=1 comm=vllm container_id= = 1',
    ]);
  });

  it('which of two in one PID namespace was killed', async (t) => {
    const { host, exporter } = await watched(t);
    const first = await start(host, 'vllm');
    const second = await start(host, 'sidecar', first);
    await first.hold(0, { dram: GIB });
    await second.hold(0, { dram: MIB });
    await second.kill();
    assert.deepEqual(await memoryPage(exporter), [
      `device_dram_allocated_bytes device=0 = ${GIB + MIB}`,
      `dram_allocated_bytes device=0 pid=${first.pid} = ${GIB}`,
      `dram_allocated_bytes device=0 pid=?${second.innerPid} = ${MIB}`,
      `dram_orphaned_bytes device=0 pid=?${second.innerPid} = ${MIB}`,
      'dram_unattributed_bytes device=0 = 0',
      // Its holder lives; the slot of the other is judged by itself.
      'memory_regions device=0 state=live = 1',
      `process_alive pid=${first.pid} = 1`,
      `process_alive pid=?${second.innerPid} = 0`,
      `process_info pid=${first.pid} namespace_pid=1 comm=vllm container_id=${first.id} = 1`,
      `process_info pid=?${second.innerPid} namespace_pid=${second.innerPid} comm=sidecar container_id= = 1`,
    ]);
  });

  it('nothing but the number where both are PID 1 and so share a slot', async (t) => {
    const { host, exporter } = await watched(t);
    const first = await start(host, 'vllm');
    const second = await start(host, 'train');
    await first.hold(0, { dram: GIB });
    await second.hold(0, { dram: MIB });
    assert.deepEqual(
      await memoryPage(exporter),
      [
        `device_dram_allocated_bytes device=0 = ${GIB + MIB}`,
        `dram_allocated_bytes device=0 pid=?1 = ${GIB + MIB}`,
        'dram_orphaned_bytes device=0 pid= = 0',
        'dram_unattributed_bytes device=0 = 0',
        'memory_regions device=0 state=live = 1',
        `process_alive pid=${first.pid} = 1`,
        `process_alive pid=${second.pid} = 1`,
        `process_info pid=${first.pid} namespace_pid=1 comm=vllm container_id=${first.id} = 1`,
        `process_info pid=${second.pid} namespace_pid=1 comm=train container_id=${second.id} = 1`,
        'process_info pid=?1 namespace_pid=1 comm=vllm container_id= = 1',
      ].sort(),
    );
  });
});
