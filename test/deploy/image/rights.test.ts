import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { getContainerRuntimeClient } from 'testcontainers';
import type { StartedTestContainer } from 'testcontainers';
import { createSimulatedHost } from '../../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../../src/simulator/hosts.ts';
import { GIB, MIB } from '../../../src/simulator/patterns.ts';
import { memoryPage } from '../../containers/memory-page.ts';
import { startContainer } from '../../support/docker/containers.ts';
import type { WorkloadContainer } from '../../support/docker/containers.ts';
import { useEngine } from '../../support/docker/engine.ts';
import type { Engine } from '../../support/docker/engine.ts';
import { get, startImage } from './exporter-container.ts';
import { NO_CAPABILITIES, READER_RIGHTS, TWO_CAPABILITIES, rightsOf, startPair } from './reader-rights.ts';
import { sameMount } from './shared-host.ts';
import { createVolume } from './volume.ts';
import type { Volume } from './volume.ts';

describe('of workloads in containers the image says', () => {
  let engine: Engine;
  let volume: Volume;
  before(async () => {
    engine = await useEngine();
    volume = await createVolume();
  });
  after(async () => {
    await engine.removeContainers();
    await volume.remove();
  });

  async function hostOf(t: TestContext): Promise<SimulatedHost> {
    const host = await createSimulatedHost('n150');
    t.after(() => host.close());
    return host;
  }

  /** The lines of a live process in a container. */
  function live({ pid, innerPid, id }: WorkloadContainer, comm: string, bytes: number): string[] {
    return [
      `dram_allocated_bytes device=0 pid=${pid} = ${bytes}`,
      `process_alive pid=${pid} = 1`,
      `process_info pid=${pid} namespace_pid=${innerPid} comm=${comm} container_id=${id} = 1`,
    ];
  }

  /** On a busy machine a first look into a container may take longer than it is given: then the next scrape has it. */
  async function assertSeen(exporter: StartedTestContainer, lines: readonly string[]): Promise<void> {
    const expected = lines.toSorted();
    let seen: string[] = [];
    for (let scrape = 0; scrape < 5 && !isDeepStrictEqual(seen, expected); scrape++) {
      seen = await memoryPage({ scrape: () => get(exporter) });
    }
    assert.deepEqual(seen, expected);
  }

  async function missingRights(exporter: StartedTestContainer): Promise<string[]> {
    const { body } = await get(exporter);
    return [...body.matchAll(/^tt_exporter_missing_rights\{right="([^"]*)"\} 1$/gm)].map(([, right = '']) => right);
  }

  it('whose memory it is and whose is left, with a reader that has two capabilities and no network', async (t) => {
    const host = await hostOf(t);
    const { exporter, reader } = await startPair(host, volume.name);
    const first = await startContainer(host, { name: 'vllm', chips: [0], ipc: 'shareable' });
    const pod = `container:${first.id}`;
    const second = await startContainer(host, { name: 'sidecar', chips: [0], ipc: pod, pidMode: pod });
    const other = await startContainer(host, { name: 'train', chips: [0], user: '1000:1000' });
    await first.hold(0, { dram: GIB });
    await second.hold(0, { dram: MIB });
    await other.hold(0, { dram: 2 * GIB });
    const device = [
      `device_dram_allocated_bytes device=0 = ${3 * GIB + MIB}`,
      'dram_unattributed_bytes device=0 = 0',
      'memory_regions device=0 state=live = 2',
    ];
    const both = [...live(first, 'vllm', GIB), ...live(other, 'train', 2 * GIB)];
    await assertSeen(exporter, [
      ...device,
      ...both,
      'dram_orphaned_bytes device=0 pid= = 0',
      ...live(second, 'sidecar', MIB),
    ]);
    await second.kill();
    const gone = `?${second.innerPid}`;
    await assertSeen(exporter, [
      ...device,
      ...both,
      `dram_allocated_bytes device=0 pid=${gone} = ${MIB}`,
      `dram_orphaned_bytes device=0 pid=${gone} = ${MIB}`,
      `process_alive pid=${gone} = 0`,
      `process_info pid=${gone} namespace_pid=${second.innerPid} comm=sidecar container_id= = 1`,
    ]);
    const hardened = { noNewPrivileges: '1', seccomp: '2' };
    assert.deepEqual(rightsOf(await pidOf(reader)), {
      user: '0',
      effective: TWO_CAPABILITIES,
      bounding: TWO_CAPABILITIES,
      ...hardened,
    });
    assert.deepEqual(rightsOf(await pidOf(exporter)), {
      user: '65532',
      effective: NO_CAPABILITIES,
      bounding: NO_CAPABILITIES,
      ...hardened,
    });
    assert.deepEqual(interfacesOf(await pidOf(reader)), ['lo']);
  });

  it('the same from one container that has both', async (t) => {
    const host = await hostOf(t);
    const exporter = await startImage({ ...READER_RIGHTS, flags: host.flags(), mounts: [sameMount(host)] });
    const workload = await startContainer(host, { name: 'vllm', chips: [0], user: '1000:1000' });
    await workload.hold(0, { dram: GIB });
    await assertSeen(exporter, [
      `device_dram_allocated_bytes device=0 = ${GIB}`,
      'dram_unattributed_bytes device=0 = 0',
      'dram_orphaned_bytes device=0 pid= = 0',
      'memory_regions device=0 state=live = 1',
      ...live(workload, 'vllm', GIB),
    ]);
  });

  it('that it lacks rights where it has none, and not where it has the two', async () => {
    const none = await startImage();
    assert.deepEqual(await missingRights(none), ['host_pid_namespace', 'CAP_SYS_PTRACE', 'CAP_DAC_READ_SEARCH']);
    const two = await startImage(READER_RIGHTS);
    // The host that this test runs on may be a container itself.
    assert.deepEqual(
      (await missingRights(two)).filter((right) => right !== 'host_pid_namespace'),
      [],
    );
  });
});

async function pidOf(container: StartedTestContainer): Promise<number> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  return (await dockerode.getContainer(container.getId()).inspect()).State.Pid;
}

function interfacesOf(pid: number): string[] {
  const lines = readFileSync(`/proc/${pid}/net/dev`, 'utf8').split('\n').slice(2);
  return lines.flatMap((line) => /^\s*([^:]+):/.exec(line)?.[1] ?? []);
}
