import { createSimulatedHost } from './hosts.ts';
import type { HostOptions, SimulatedHost } from './hosts.ts';
import { GIB, MIB } from './patterns.ts';
import { startOwnServer } from './own-server.ts';
import { startWorkload } from './workload.ts';
import type { Workload, WorkloadOptions } from './workload.ts';

/** TT-Metal's logical numbers on the mixed host: the remote chip of the n300 comes last. */
const N150 = 0;
const N300 = 1;
const P150 = 2;
const N300_REMOTE = 3;

/** The leaker starts anew before its chip is full. */
const LEAKER_AGE_SECONDS = 30 * 60;

const SERVED: WorkloadOptions[] = [
  {
    name: 'resnet-serve',
    chips: [N150],
    pattern: { kind: 'server', holdings: { dram: 3 * GIB, l1: 40 * MIB, l1_small: 2 * MIB, cb: 9 * MIB } },
  },
  {
    name: 'llama-train',
    chips: [N300, N300_REMOTE],
    regionVersion: 3,
    pattern: { kind: 'training', floorBytes: 2 * GIB, peakBytes: 9 * GIB, periodSeconds: 90 },
  },
  {
    name: 'vllm',
    chips: [P150],
    tracker: 'server',
    pattern: {
      kind: 'server',
      holdings: { dram: 26 * GIB, trace: 512 * MIB, l1: 90 * MIB, l1_small: 4 * MIB, cb: 12 * MIB, kernel: 3 * MIB },
    },
  },
];
const LEAKER: WorkloadOptions = {
  name: 'notebook',
  chips: [N150],
  pattern: { kind: 'leak', baseBytes: 256 * MIB, bytesPerMinute: 192 * MIB },
};
const KILLED: WorkloadOptions = { name: 'pytest', chips: [N300], regionVersion: 3 };
const KILLED_HOLDS = { dram: 640 * MIB, l1: 7 * MIB };

/** A host with something of everything on it: see startDemoHost(). */
export interface DemoHost {
  readonly host: SimulatedHost;
  /** Those that run now. */
  readonly workloads: readonly Workload[];
  /** The PID whose slot a SIGKILL left behind. */
  readonly killedPid: number;
  /** Lets time pass for cards and workloads. Called every second by itself. */
  step(seconds: number): Promise<void>;
  close(): Promise<void>;
}

export interface DemoOptions extends HostOptions {
  /** false: time passes with step() only. */
  readonly alive?: boolean;
  /** Has a server listen at the host's socket, and gives what ends it; tt-allocation-server as a child by default. */
  readonly startServer?: (host: SimulatedHost) => Promise<() => Promise<void> | void>;
}

/**
 * An n150, an n300 and a p150: tt-allocation-server, to which the p150's workload reports, regions of layout 4 on the n150
 * and of layout 3 on the n300; two servers, a training, a leak that starts anew every half hour, and the bytes of a process
 * that was killed.
 */
export async function startDemoHost(options: DemoOptions = {}): Promise<DemoHost> {
  const host = await createSimulatedHost('mixed', options);
  try {
    return await populate(host, options);
  } catch (error) {
    await host.close();
    throw error;
  }
}

async function populate(
  host: SimulatedHost,
  { alive = true, startServer = startOwnServer }: DemoOptions,
): Promise<DemoHost> {
  host.onClose(await startServer(host));
  const killedPid = await leaveKilled(host);
  const workloads: Workload[] = [];
  for (const options of [...SERVED, LEAKER]) workloads.push(await startWorkload(host, options));
  let leakerAge = 0;
  const step = async (seconds: number): Promise<void> => {
    leakerAge += seconds;
    if (leakerAge > LEAKER_AGE_SECONDS) {
      leakerAge = 0;
      await workloads.pop()?.stop();
      workloads.push(await startWorkload(host, LEAKER));
    }
    for (const workload of workloads) await workload.step(seconds);
    host.step(seconds);
  };
  await step(1);
  const stopLife = alive ? startLife(step) : () => Promise.resolve();
  host.onClose(stopLife);
  return { host, workloads, killedPid, step, close: () => host.close() };
}

async function leaveKilled(host: SimulatedHost): Promise<number> {
  const workload = await startWorkload(host, KILLED);
  await workload.hold(N300, KILLED_HOLDS);
  await workload.kill();
  return workload.pid;
}

/** A step every second, never two at once. Keeps no program running. Gives what ends it, after the step that runs. */
function startLife(step: (seconds: number) => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= step(1)
      .catch((error: unknown) => {
        console.error('the simulated host stands still:', error);
        clearInterval(timer);
      })
      .finally(() => {
        running = undefined;
      });
  }, 1000);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
