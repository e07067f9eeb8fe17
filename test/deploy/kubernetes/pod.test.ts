import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createGalaxyLoad } from '../../../src/simulator/galaxy-load.ts';
import { createSimulatedHost } from '../../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../../src/simulator/hosts.ts';
import { GIB, MIB } from '../../../src/simulator/patterns.ts';
import { memoryPage } from '../../containers/memory-page.ts';
import { startContainer } from '../../support/docker/containers.ts';
import { useEngine } from '../../support/docker/engine.ts';
import type { Engine } from '../../support/docker/engine.ts';
import { eventually } from '../../support/eventually.ts';
import { getOnce } from '../../support/get-once.ts';
import { builtImages } from '../image/built-image.ts';
import { renderExamples } from './examples.ts';
import { startPod } from './kubelet.ts';
import type { Pod } from './kubelet.ts';
import { containerOf, podOf } from './manifest.ts';
import type { PodSpec } from './manifest.ts';
import { bytesOf } from './quantity.ts';

const SCRAPES = 12;
const EXAMPLES = await renderExamples();

describe('a pod as the chart has it, on a simulated host', () => {
  let engine: Engine;
  let image: string;
  before(async () => {
    engine = await useEngine();
    ({ exporter: image } = await builtImages());
  });
  after(() => engine.removeContainers());

  /** Starts a pod of an example on a host, and waits until its readiness probe would succeed. */
  async function ready(t: TestContext, host: SimulatedHost, example: string): Promise<Pod> {
    const spec = specOf(example);
    const pod = await startPod(spec, await nodeOf(t, host));
    const probe = containerOf(spec, 'exporter').readinessProbe?.httpGet?.path ?? '';
    await eventually('the pod to be ready', async () => (await get(pod, probe)).status === 200, 30);
    return pod;
  }

  async function nodeOf(t: TestContext, host: SimulatedHost) {
    const folder = await mkdtemp(join(tmpdir(), 'kubelet-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    // Everybody may look into a node's /sys.
    await chmod(host.root, 0o755);
    for (const name of ['pods', 'containers']) await mkdir(join(host.root, 'var/log', name), { recursive: true });
    return { root: host.root, alsoMounted: [host.root], folder, image };
  }

  it('sees whose memory it is, with two capabilities on the reader and none on the exporter', async (t) => {
    const host = await createSimulatedHost('n150');
    t.after(() => host.close());
    const pod = await ready(t, host, 'plain');
    const workload = await startContainer(host, { name: 'vllm', chips: [0], user: '1000:1000' });
    await workload.hold(0, { dram: GIB });
    assert.deepEqual(await memoryPage({ scrape: () => get(pod) }), [
      `device_dram_allocated_bytes device=0 = ${GIB}`,
      `dram_allocated_bytes device=0 pid=${workload.pid} = ${GIB}`,
      'dram_orphaned_bytes device=0 pid= = 0',
      'dram_unattributed_bytes device=0 = 0',
      'memory_regions device=0 state=live = 1',
      `process_alive pid=${workload.pid} = 1`,
      `process_info pid=${workload.pid} namespace_pid=1 comm=vllm container_id=${workload.id} = 1`,
    ]);
    const { body } = await get(pod);
    assert.deepEqual(body.match(/^tt_exporter_missing_rights\{.*\} 1$/gm), null);
    assert.deepEqual(body.match(/^tt_exporter_collector_success\{.*\} 0$/gm), null);
    assert.deepEqual(
      ['exporter', 'reader'].map((name) => effectiveCapabilities(pod, name)),
      [0n, (1n << 2n) | (1n << 19n)],
    );
  });

  it('says that a node is in maintenance while the file is there, and is ready only while its reader is up', async (t) => {
    const host = await createSimulatedHost('n150');
    t.after(() => host.close());
    const pod = await ready(t, host, 'plain');
    assert.match((await get(pod)).body, /^tt_maintenance 0$/m);
    const file = join(host.root, 'run/tenstorrent/maintenance');
    await writeFile(file, '');
    assert.match((await get(pod)).body, /^tt_maintenance 1$/m);
    await rm(file);
    assert.match((await get(pod)).body, /^tt_maintenance 0$/m);
    await pod.containers['reader']?.kill();
    await eventually('the exporter to miss its reader', async () => (await get(pod, '/-/ready')).status === 503);
    assert.equal((await get(pod, '/-/healthy')).status, 200);
    await pod.containers['reader']?.start();
    await eventually('the pod to be ready again', async () => (await get(pod, '/-/ready')).status === 200, 30);
    assert.match((await get(pod)).body, /^tt_device_info\{/m);
  });

  it('shows telemetry where it has no rights, and says what is missing', async (t) => {
    const host = await createSimulatedHost('n150');
    t.after(() => host.close());
    const node = await nodeOf(t, host);
    await mkdir(join(node.folder, 'capacity'));
    await writeFile(join(node.folder, 'capacity/capacity.yaml'), 'boards: { n150: { cores: 64 } }\n');
    const pod = await startPod(specOf('without-rights'), node);
    await eventually('the pod to be ready', async () => (await get(pod, '/-/ready')).status === 200, 30);
    const { body } = await get(pod);
    assert.match(body, /^tt_device_info\{/m);
    assert.match(body, /^tt_exporter_missing_rights\{right="CAP_SYS_PTRACE"\} 1$/m);
    assert.equal(effectiveCapabilities(pod, 'reader'), 0n);
  });

  it('finds the allocation server of the other DaemonSet, and finds it again when that was killed', async (t) => {
    const host = await createSimulatedHost('n150');
    t.after(() => host.close());
    const node = await nodeOf(t, host);
    const folder = join(node.folder, 'server');
    await mkdir(folder);
    const server = await startPod(podOf(exampleOf('allocation-server'), '-server'), { ...node, folder });
    const pod = await ready(t, host, 'allocation-server');
    const isUp = async () => /^tt_allocation_server_up 1$/m.test((await get(pod)).body);
    await eventually('an answer of the allocation server', isUp);
    assert.equal(effectiveCapabilities(server, 'allocation-server'), 0n);
    await server.containers['allocation-server']?.kill();
    assert.equal(await isUp(), false);
    // Its socket is still there.
    await server.containers['allocation-server']?.start();
    await eventually('an answer of its successor', isUp, 30);
  });

  it('stays within its memory on a Galaxy with 64 processes on each chip', async (t) => {
    const host = await createGalaxyLoad();
    t.after(() => host.close());
    const pod = await ready(t, host, 'plain');
    for (let scrape = 0; scrape < SCRAPES; scrape++) {
      const { status, body } = await get(pod);
      assert.equal(status, 200);
      assert.equal(body.match(/^tt_dram_allocated_bytes\{.*type="dram"\}/gm)?.length, 32 * 64);
    }
    for (const [name, container] of Object.entries(pod.containers)) {
      const { State: state } = await container.inspect();
      assert.deepEqual({ running: state.Running, killed: state.OOMKilled }, { running: true, killed: false }, name);
      const { memory_stats: memory } = await container.stats({ stream: false });
      const limit = bytesOf(containerOf(specOf('plain'), name).resources?.limits?.['memory']);
      assert.equal(memory.limit, limit);
      t.diagnostic(
        `${name}: ${Math.round(memory.usage / MIB)} of ${limit / MIB} MiB, ${residentMib(pod, name)} resident at most`,
      );
    }
  });
});

function exampleOf(name: string): (typeof EXAMPLES)[number]['manifests'] {
  const example = EXAMPLES.find((one) => one.name === name);
  assert.ok(example);
  return example.manifests;
}

function specOf(example: string): PodSpec {
  return podOf(exampleOf(example));
}

async function get({ url }: Pod, path = '/metrics'): Promise<{ readonly status: number; readonly body: string }> {
  try {
    return await getOnce(`${url}${path}`);
  } catch (error) {
    // Nobody listens yet.
    return { status: 0, body: String(error) };
  }
}

function statusOf({ pids }: Pod, name: string): string {
  return readFileSync(`/proc/${pids[name] ?? 0}/status`, 'utf8');
}

function effectiveCapabilities(pod: Pod, name: string): bigint {
  return BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(statusOf(pod, name))?.[1] ?? 'f'}`);
}

function residentMib(pod: Pod, name: string): number {
  return Math.round(Number(/^VmHWM:\s*(\d+) kB$/m.exec(statusOf(pod, name))?.[1]) / 1024);
}
