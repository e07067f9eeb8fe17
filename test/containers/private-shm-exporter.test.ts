import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { HostKind } from '../../src/simulator/host-kinds.ts';
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

describe('of containers with a private /dev/shm the exporter says', () => {
  let engine: Engine;
  before(async () => {
    engine = await useEngine();
  });
  after(() => engine.removeContainers());

  async function watched(
    t: TestContext,
    kind: HostKind = 'n150',
  ): Promise<{ host: SimulatedHost; exporter: RunningExporter }> {
    const host = await createSimulatedHost(kind);
    t.after(() => host.close());
    const exporter = await startExporter([...host.flags(), '--web.disable-exporter-metrics']);
    t.after(() => exporter.stop());
    return { host, exporter };
  }

  /** The lines of a live process in a container. */
  function live({ pid, innerPid, id }: WorkloadContainer, comm: string, bytes: number): string[] {
    return [
      `dram_allocated_bytes device=0 pid=${pid} = ${bytes}`,
      `process_alive pid=${pid} = 1`,
      `process_info pid=${pid} namespace_pid=${innerPid} comm=${comm} container_id=${id} = 1`,
    ];
  }

  it("the hosts' PIDs and the containers of two that are both PID 1, and adds their regions up", async (t) => {
    const { host, exporter } = await watched(t);
    const first = await startContainer(host, { name: 'vllm', chips: [0] });
    const second = await startContainer(host, { name: 'train', chips: [0], user: '1000:1000' });
    await first.hold(0, { dram: GIB });
    await second.hold(0, { dram: 2 * GIB });
    assert.deepEqual([first.innerPid, second.innerPid], [1, 1]);
    assert.deepEqual(
      await memoryPage(exporter),
      [
        `device_dram_allocated_bytes device=0 = ${3 * GIB}`,
        'dram_orphaned_bytes device=0 pid= = 0',
        'dram_unattributed_bytes device=0 = 0',
        'memory_regions device=0 state=live = 2',
        ...live(first, 'vllm', GIB),
        ...live(second, 'train', 2 * GIB),
      ].sort(),
    );
  });

  it('in the scrape after a SIGKILL only what is left: the region is gone with its container', async (t) => {
    const { host, exporter } = await watched(t);
    const first = await startContainer(host, { name: 'vllm', chips: [0] });
    const second = await startContainer(host, { name: 'train', chips: [0] });
    await first.hold(0, { dram: GIB });
    await second.hold(0, { dram: 2 * GIB });
    await memoryPage(exporter);
    await first.kill();
    assert.deepEqual(
      await memoryPage(exporter),
      [
        `device_dram_allocated_bytes device=0 = ${2 * GIB}`,
        'dram_orphaned_bytes device=0 pid= = 0',
        'dram_unattributed_bytes device=0 = 0',
        'memory_regions device=0 state=live = 1',
        ...live(second, 'train', 2 * GIB),
      ].sort(),
    );
  });

  it('that the bytes of a killed container are orphaned where the pod that shares its /dev/shm lives on', async (t) => {
    const { host, exporter } = await watched(t);
    const first = await startContainer(host, { name: 'vllm', chips: [0], ipc: 'shareable' });
    const pod = `container:${first.id}`;
    const second = await startContainer(host, { name: 'sidecar', chips: [0], ipc: pod, pidMode: pod });
    await first.hold(0, { dram: GIB });
    await second.hold(0, { dram: MIB });
    const device = [
      `device_dram_allocated_bytes device=0 = ${GIB + MIB}`,
      'dram_unattributed_bytes device=0 = 0',
      // Both see the same file: it counts once.
      'memory_regions device=0 state=live = 1',
    ];
    assert.deepEqual(
      await memoryPage(exporter),
      [
        ...device,
        'dram_orphaned_bytes device=0 pid= = 0',
        ...live(first, 'vllm', GIB),
        ...live(second, 'sidecar', MIB),
      ].sort(),
    );
    await second.kill();
    assert.deepEqual(
      await memoryPage(exporter),
      [
        ...device,
        `dram_allocated_bytes device=0 pid=?${second.innerPid} = ${MIB}`,
        `dram_orphaned_bytes device=0 pid=?${second.innerPid} = ${MIB}`,
        `process_alive pid=?${second.innerPid} = 0`,
        `process_info pid=?${second.innerPid} namespace_pid=${second.innerPid} comm=sidecar container_id= = 1`,
        ...live(first, 'vllm', GIB),
      ].sort(),
    );
  });

  it('nothing but the number where both of a shared /dev/shm are PID 1', async (t) => {
    const { host, exporter } = await watched(t);
    const first = await startContainer(host, { name: 'vllm', chips: [0], ipc: 'shareable' });
    const second = await startContainer(host, { name: 'train', chips: [0], ipc: `container:${first.id}` });
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
        'process_info pid=?1 namespace_pid=1 comm=vllm container_id= = 1',
        ...live(first, 'vllm', 0).slice(1),
        ...live(second, 'train', 0).slice(1),
      ].sort(),
    );
  });

  it('that the region of one who holds no such chip is not to be trusted', async (t) => {
    const { host, exporter } = await watched(t, 'mixed');
    const workload = await startContainer(host, { name: 'vllm', chips: [0] });
    const forger = await startContainer(host, { name: 'forger', chips: [0] });
    await workload.hold(0, { dram: GIB });
    await forger.hold(0, { dram: 4 * GIB });
    // For the driver it holds another card.
    host.processes.hide(forger.pid);
    host.processes.show(forger.pid);
    host.processes.open(host.card(1).driverIndex ?? 1, forger.pid);
    assert.deepEqual(
      await memoryPage(exporter),
      [
        `device_dram_allocated_bytes device=0 = ${GIB}`,
        'dram_orphaned_bytes device=0 pid= = 0',
        'dram_unattributed_bytes device=0 = 0',
        'memory_regions device=0 state=live = 1',
        'memory_regions device=0 state=untrusted = 1',
        ...live(forger, 'forger', 0).slice(1),
        ...live(workload, 'vllm', GIB),
      ].sort(),
    );
  });
});
