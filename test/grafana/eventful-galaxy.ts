import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { startOwnServer } from '../../src/simulator/own-server.ts';
import { GIB, MIB } from '../../src/simulator/patterns.ts';
import { connectReporter } from '../../src/simulator/reporter.ts';
import { startWorkload } from '../../src/simulator/workload.ts';
import type { Workload, WorkloadOptions } from '../../src/simulator/workload.ts';
import { Tenant } from './made-up-tenants.ts';
import type { TenantOptions } from './made-up-tenants.ts';

/** A Galaxy on which things go wrong, a second at a time. */
export interface EventfulGalaxy {
  readonly host: SimulatedHost;
  /** From now on things happen. */
  readonly begin: () => void;
  readonly close: () => Promise<void>;
}

const RESET_CARD = 7;
const LYING_CARD = 11;
/** Seconds after the start. */
const DEATH = 12;
const RESET = { begins: 10, ends: 35 };

const WORKLOADS: readonly WorkloadOptions[] = [
  {
    name: 'vllm',
    chips: [0],
    tracker: 'server',
    pattern: {
      kind: 'server',
      holdings: { dram: 24 * GIB, trace: 512 * MIB, l1: 90 * MIB, l1_small: 4 * MIB, cb: 12 * MIB, kernel: 3 * MIB },
    },
  },
  {
    name: 'whisper',
    chips: [9],
    pattern: { kind: 'server', holdings: { dram: 6 * GIB, l1: 40 * MIB, cb: 5 * MIB } },
  },
];
const POD = (uid: string, container: string): string =>
  `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid}.slice/cri-containerd-${container.repeat(8)}.scope\n`;

const TENANTS: readonly TenantOptions[] = [
  {
    name: 'notebook',
    chip: 1,
    pattern: { kind: 'leak', baseBytes: 9 * GIB, bytesPerMinute: 1.5 * GIB },
    cgroup: POD('0f3d2a51_7c1e_4b6a_9a55_2f6b8c1d7e90', 'c0ffee01'),
    ageSeconds: 5400,
  },
  {
    name: 'rag-worker',
    chip: 3,
    pattern: { kind: 'leak', baseBytes: 2 * GIB, bytesPerMinute: 0.5 * GIB },
    cgroup: '0::/system.slice/slurmstepd.scope/job_48213/step_0/user/task_0\n',
    ageSeconds: 9000,
  },
  {
    name: 'llama-train',
    chip: 2,
    pattern: { kind: 'training', floorBytes: 4 * GIB, peakBytes: 20 * GIB, periodSeconds: 15 },
    cgroup: '0::/system.slice/slurmstepd.scope/job_48190/step_0/user/task_0\n',
    ageSeconds: 20_000,
  },
  {
    name: 'pytest',
    chip: 5,
    pattern: { kind: 'crash', holdings: { dram: 3 * GIB, l1: 24 * MIB }, afterSeconds: DEATH },
    cgroup: POD('9b1c77d4_52aa_4c0e_8f3e_6d2f0a4b9c11', 'decade02'),
    ageSeconds: 300,
  },
];

/** Reports to the server and is killed: its memory is taken back, and its peak is kept. */
const KILLED: WorkloadOptions = {
  name: 'batch-eval',
  chips: [6],
  tracker: 'server',
  pattern: { kind: 'server', holdings: { dram: 2 * GIB, l1: 8 * MIB } },
};
const SILENT: WorkloadOptions = { name: 'untracked', chips: [8], tracker: 'none' };

/**
 * A Blackhole Galaxy with tt-allocation-server: servers, a training, two leaks, a crash that leaves its memory behind, a
 * kill, a process that reports nothing, a reset, a sensor that lies, a region that nobody understands, and an application
 * that tells of failed allocations.
 */
export async function startEventfulGalaxy(): Promise<EventfulGalaxy> {
  const host = await createSimulatedHost('galaxy-blackhole');
  try {
    host.onClose(await startOwnServer(host));
    const workloads: Workload[] = [];
    for (const options of [...WORKLOADS, KILLED, SILENT]) workloads.push(await startWorkload(host, options));
    const tenants = TENANTS.map((options, index) => new Tenant(host, options, index));
    host.onClose(() => {
      for (const tenant of tenants) tenant.close();
    });
    host.card(LYING_CARD).freeze();
    host.setSensor(LYING_CARD, 'in0_input', '3211313');
    writeFileSync(join(host.shm, 'tt_device_77_memory'), 'no region');
    const report = await startReports(host);
    const begin = (): void => {
      host.onClose(startLife(host, workloads, tenants, report));
    };
    return { host, begin, close: () => host.close() };
  } catch (error) {
    await host.close();
    throw error;
  }
}

/** Gives what tells the server, each time it is called, of an allocation that failed, a core, and rubbish. */
async function startReports(host: SimulatedHost): Promise<() => void> {
  const reporter = await connectReporter(host.socket, 'C');
  host.onClose(() => reporter.close());
  const about = { deviceId: 0, processId: process.pid };
  const dram = { ...about, bufferType: 0, largestFreeBlock: BigInt(96 * MIB) };
  let id = 0n;
  return () => {
    const timestamp = BigInt(Date.now()) * 1_000_000n;
    const size = BigInt(512 * MIB);
    id += 1n;
    reporter.report({ kind: 'alloc_failed', ...dram, size, timestamp });
    reporter.report({ kind: 'allocator_stats', ...dram, allocatable: size, allocated: 0n, free: size, timestamp });
    reporter.report({
      kind: 'cb_alloc_cores',
      ...about,
      bufferId: id,
      size: 4096n,
      bytesPerCore: 1024n,
      cores: { firstX: 0, firstY: 0, lastX: 1, lastY: 1 },
      timestamp,
    });
    reporter.report({ kind: 'alloc', ...about, bufferId: 1_000_000n + id, bufferType: 2, size: 65_536n, timestamp });
    reporter.report({ kind: 'free', ...about, bufferId: 77n });
  };
}

/** A step every second, never two at once. Gives what ends it. */
function startLife(
  host: SimulatedHost,
  workloads: readonly Workload[],
  tenants: readonly Tenant[],
  report: () => void,
): () => Promise<void> {
  let age = 0;
  let running: Promise<void> | undefined;
  const step = async (): Promise<void> => {
    age += 1;
    for (const workload of workloads) await workload.step(1);
    for (const tenant of tenants) tenant.step(1);
    host.step(1);
    report();
    if (age === RESET.begins) host.card(RESET_CARD).beginReset();
    if (age === RESET.ends) host.card(RESET_CARD).recover();
    if (age === DEATH) await workloads.find(({ options }) => options.name === KILLED.name)?.kill();
  };
  const timer = setInterval(() => {
    running ??= step().finally(() => {
      running = undefined;
    });
  }, 1000);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
