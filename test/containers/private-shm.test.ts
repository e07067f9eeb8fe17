import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { GIB, MIB } from '../../src/simulator/patterns.ts';
import { startContainer } from '../support/docker/containers.ts';
import { useEngine } from '../support/docker/engine.ts';
import type { Engine } from '../support/docker/engine.ts';
import { openFiles, processesWithShm, regionThroughRoot, usedSlots } from '../support/docker/region-view.ts';

async function n150(t: TestContext): Promise<SimulatedHost> {
  const host = await createSimulatedHost('n150');
  t.after(() => host.close());
  return host;
}

describe('what a host sees of containers that use one chip:', () => {
  let engine: Engine;
  before(async () => {
    engine = await useEngine();
  });
  after(() => engine.removeContainers());

  it('each has PID 1 and a region in its own /dev/shm, which /proc/<pid>/root shows', async (t) => {
    const host = await n150(t);
    const first = await startContainer(host, { name: 'vllm', chips: [0] });
    const second = await startContainer(host, { name: 'train', chips: [0], user: '1000:1000' });
    await first.hold(0, { dram: GIB, l1: MIB });
    await second.hold(0, { dram: 2 * GIB });
    const regions = [first, second].map(({ pid }) => regionThroughRoot(pid, host.chip(0).chipId));

    assert.deepEqual([first.innerPid, second.innerPid], [1, 1]);
    assert.deepEqual(regions.map(usedSlots), [
      [{ pid: 1, dram: GIB, l1: MIB, name: 'vllm' }],
      [{ pid: 1, dram: 2 * GIB, l1: 0, name: 'train' }],
    ]);
    const [one, two] = regions.map((path) => statSync(path));
    assert.notEqual(one?.dev, two?.dev);
    assert.deepEqual([one?.uid, two?.uid], [0, 1000]);
    assert.deepEqual(readdirSync(host.shm), []);
    assert.equal(readFileSync(`${host.procfs}/driver/tenstorrent/0/pids`, 'utf8'), `${first.pid}\n${second.pid}\n`);
    for (const { pid } of [first, second]) {
      const files = openFiles(pid);
      assert.ok(files.includes('/dev/tenstorrent/0'), files.join(' '));
      assert.ok(files.includes(`/dev/shm/tt_device_${host.chip(0).chipId}_memory`), files.join(' '));
    }
  });

  it("the region of a private /dev/shm is gone with its container's first process", async (t) => {
    const host = await n150(t);
    const first = await startContainer(host, { name: 'vllm', chips: [0] });
    const second = await startContainer(host, { name: 'train', chips: [0] });
    await first.hold(0, { dram: GIB });
    await second.hold(0, { dram: 2 * GIB });
    const { dev } = statSync(regionThroughRoot(first.pid, host.chip(0).chipId));
    assert.deepEqual(processesWithShm(dev), [first.pid]);

    await first.kill();
    assert.equal(existsSync(`/proc/${first.pid}/root/dev/shm`), false);
    assert.deepEqual(processesWithShm(dev), []);
    assert.deepEqual(usedSlots(regionThroughRoot(second.pid, host.chip(0).chipId)), [
      { pid: 1, dram: 2 * GIB, l1: 0, name: 'train' },
    ]);
  });

  it('a killed container of a pod leaves its slot in the /dev/shm that the pod shares', async (t) => {
    const host = await n150(t);
    const first = await startContainer(host, { name: 'vllm', chips: [0], ipc: 'shareable' });
    const pod = `container:${first.id}`;
    const second = await startContainer(host, { name: 'sidecar', chips: [0], ipc: pod, pidMode: pod });
    await first.hold(0, { dram: GIB });
    await second.hold(0, { dram: MIB });
    assert.notEqual(second.innerPid, 1);
    const region = regionThroughRoot(first.pid, host.chip(0).chipId);
    const slots = [
      { pid: 1, dram: GIB, l1: 0, name: 'vllm' },
      { pid: second.innerPid, dram: MIB, l1: 0, name: 'sidecar' },
    ];
    assert.deepEqual(usedSlots(regionThroughRoot(second.pid, host.chip(0).chipId)), slots);
    await second.kill();
    assert.deepEqual(usedSlots(region), slots);
  });

  it('containers that share /dev/shm and not their PIDs share the slot of PID 1', async (t) => {
    const host = await n150(t);
    const first = await startContainer(host, { name: 'vllm', chips: [0], ipc: 'shareable' });
    const second = await startContainer(host, { name: 'train', chips: [0], ipc: `container:${first.id}` });
    await first.hold(0, { dram: GIB });
    await second.hold(0, { dram: MIB });
    assert.deepEqual([first.innerPid, second.innerPid], [1, 1]);
    assert.deepEqual(usedSlots(regionThroughRoot(first.pid, host.chip(0).chipId)), [
      { pid: 1, dram: GIB + MIB, l1: 0, name: 'vllm' },
    ]);
  });
});
