import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GenericContainer, PullPolicy, Wait, getContainerRuntimeClient } from 'testcontainers';
import type { SimulatedHost } from '../../../src/simulator/hosts.ts';
import type { Holdings } from '../../../src/simulator/patterns.ts';
import { parseStatus } from '../../../src/sources/procfs/parse-status.ts';
import { LABEL, ownerLabel } from './owner.ts';
import { command } from './workload-control.ts';
import { APP, workloadImage } from './workload-image.ts';
import { CONTROL, CONTROL_SOCKET, READY } from './workload-messages.ts';
import type { ContainedStart } from './workload-messages.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const START_TIMEOUT_MS = 30_000;

export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly mode: 'ro' | 'rw';
}

export interface ContainerOptions {
  /** comm of its process and the name in its slots. */
  readonly name: string;
  /** TT-Metal's logical numbers. */
  readonly chips: readonly number[];
  readonly regionVersion?: 1 | 2 | 3 | 4;
  /** Whose /dev/shm: its own by default; `shareable`, `host`, `container:<id>`. */
  readonly ipc?: string;
  /** Whose PIDs: its own by default; `host`, `container:<id>`. */
  readonly pidMode?: string;
  /** `uid:gid`; root by default. */
  readonly user?: string;
  /** Where the engine makes its cgroup: `/kubepods/besteffort/pod<uid>`. */
  readonly cgroupParent?: string;
  readonly mounts?: readonly Mount[];
}

/** A workload in a container: one process that holds the regions in its /dev/shm, and the devices of its chips. */
export interface WorkloadContainer {
  /** 64 hex digits. */
  readonly id: string;
  /** Its process, as the host sees it. */
  readonly pid: number;
  /** The same as the process sees itself. */
  readonly innerPid: number;
  /** Allocates and frees on one chip until this is held; a type that is not named is freed. */
  hold(chip: number, holdings: Holdings): Promise<void>;
  /** SIGKILL from the host. Resolves when the engine says that the container has ended. */
  kill(): Promise<void>;
  /** SIGTERM: the workload leaves its regions. Resolves as kill(). */
  stop(): Promise<void>;
}

/** With what testcontainers has no method for. */
class WorkloadGenericContainer extends GenericContainer {
  withPidMode(mode: string): this {
    this.hostConfig.PidMode = mode;
    return this;
  }

  withCgroupParent(path: string): this {
    this.hostConfig.CgroupParent = path;
    return this;
  }
}

/**
 * Starts a workload in a container and shows its process in the simulated host's /proc, with the devices that it holds.
 * Needs useEngine() before and root; the container ends by engine.removeContainers() at the latest.
 */
export async function startContainer(host: SimulatedHost, options: ContainerOptions): Promise<WorkloadContainer> {
  if (process.getuid?.() !== 0) throw new Error('tests with containers look into /proc/<pid>/root: run them as root');
  const control = mkdtempSync(join(host.root, 'control-'));
  // Other users' containers make their socket in it.
  chmodSync(control, 0o777);
  const start = startOf(host, options);
  // As the driver's udev rule has it.
  for (const index of start.devices) chmodSync(join(host.root, 'dev/tenstorrent', String(index)), 0o666);
  const container = describeContainer(await workloadImage(), start, options).withBindMounts([
    { source: join(ROOT, 'src'), target: `${APP}/src`, mode: 'ro' },
    { source: join(ROOT, 'test/support'), target: `${APP}/test/support`, mode: 'ro' },
    { source: join(ROOT, 'package.json'), target: `${APP}/package.json`, mode: 'ro' },
    { source: join(host.root, 'dev/tenstorrent'), target: '/dev/tenstorrent', mode: 'rw' },
    { source: control, target: CONTROL, mode: 'rw' },
    ...(options.mounts ?? []),
  ]);
  const id = (await container.start()).getId();
  return await holdContainer(host, id, start.devices, join(control, CONTROL_SOCKET));
}

function describeContainer(image: string, start: ContainedStart, options: ContainerOptions): GenericContainer {
  const container = new WorkloadGenericContainer(image)
    .withCommand([`${APP}/test/support/docker/workload-program.ts`, JSON.stringify(start)])
    .withLabels({ [LABEL]: ownerLabel() })
    .withPullPolicy(PullPolicy.neverPull())
    .withNetworkMode('none')
    .withStartupTimeout(START_TIMEOUT_MS)
    .withWaitStrategy(Wait.forLogMessage(READY));
  if (options.ipc !== undefined) container.withIpcMode(options.ipc);
  if (options.pidMode !== undefined) container.withPidMode(options.pidMode);
  if (options.user !== undefined) container.withUser(options.user);
  if (options.cgroupParent !== undefined) container.withCgroupParent(options.cgroupParent);
  return container;
}

function startOf(host: SimulatedHost, options: ContainerOptions): ContainedStart {
  const chips = options.chips.map((id) => host.chip(id));
  const devices = [...new Set(chips.map(({ card }) => host.card(card).driverIndex))];
  return {
    name: options.name,
    chips: chips.map(({ logicalId, chipId, remote }) => ({ logicalId, chipId: String(chipId), remote })),
    devices: devices.filter((index) => index !== undefined),
    regionVersion: options.regionVersion ?? 4,
  };
}

async function holdContainer(
  host: SimulatedHost,
  id: string,
  devices: readonly number[],
  socketPath: string,
): Promise<WorkloadContainer> {
  const container = (await getContainerRuntimeClient()).container.getById(id);
  const pid = (await container.inspect()).State.Pid;
  const innerPid = innerPidOf(pid, id);
  host.processes.show(pid);
  for (const index of devices) host.processes.open(index, pid);
  const ended = async (): Promise<void> => {
    await container.wait();
    host.processes.hide(pid);
  };
  return {
    id,
    pid,
    innerPid,
    hold: (chip, holdings) => command(socketPath, { kind: 'hold', chip, holdings }),
    kill: async () => {
      process.kill(pid, 'SIGKILL');
      await ended();
    },
    stop: async () => {
      process.kill(pid, 'SIGTERM');
      await ended();
    },
  };
}

/** Throws where the process that the engine names is not this host's: then no test of /proc can be right. */
function innerPidOf(pid: number, id: string): number {
  const isIts = readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(id);
  if (!isIts) throw new Error(`process ${pid} is not in container ${id}: the Docker engine runs on another host`);
  const innerPid = parseStatus(readFileSync(`/proc/${pid}/status`, 'utf8'))?.namespacePids.at(-1);
  if (innerPid === undefined) throw new Error(`/proc/${pid}/status has no NSpid line: the kernel is older than 4.1`);
  return innerPid;
}
