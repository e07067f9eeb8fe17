import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Dialect } from '../sources/allocation-server/types.ts';
import type { SimulatedHost } from './hosts.ts';
import { demandAt } from './patterns.ts';
import type { Holdings, Pattern } from './patterns.ts';
import type { WorkloadCommand, WorkloadStart } from './workload-messages.ts';
import { ask, spawnWorkload } from './workload-process.ts';

export interface WorkloadOptions {
  /** comm of the process and the name in its slots. */
  readonly name: string;
  /** TT-Metal's logical numbers. */
  readonly chips: readonly number[];
  readonly pattern?: Pattern;
  /** As in a container with these chips, or with TT_VISIBLE_DEVICES: it counts them alone, from 0 on. */
  readonly seesNoOthers?: boolean;
  /** Where it reports its memory; a region by default. */
  readonly tracker?: 'region' | 'server' | 'both' | 'none';
  readonly regionVersion?: 1 | 2 | 3 | 4;
  /** Version 1 with the sixth counter. */
  readonly kernelLayout?: boolean;
  /** Of its messages to the server. */
  readonly dialect?: Dialect;
  /** The PID that it writes into slots and messages; what getpid() gives it by default. */
  readonly slotPid?: number;
  /** Has it run in a PID namespace of its own, under this number there. Needs root. */
  readonly innerPid?: number;
}

/** A process that uses chips of a simulated host: a real one, so that its /proc entry is real. */
export class Workload {
  readonly options: WorkloadOptions;
  /** As the host sees it. */
  readonly pid: number;
  /** As its slots and messages say. */
  readonly slotPid: number;
  readonly #host: SimulatedHost;
  readonly #child: ChildProcess;
  readonly #books = new Map<number, Holdings>();
  readonly #ended: Promise<void>;
  #running = true;
  #age = 0;

  constructor(
    host: SimulatedHost,
    child: ChildProcess,
    pids: { pid: number; slotPid: number },
    options: WorkloadOptions,
  ) {
    this.options = options;
    this.pid = pids.pid;
    this.slotPid = pids.slotPid;
    this.#host = host;
    this.#child = child;
    this.#ended = this.#watch();
  }

  get running(): boolean {
    return this.#running;
  }

  /** What it holds on each chip, or held when it died: what a tracker should say. */
  get books(): ReadonlyMap<number, Holdings> {
    return this.#books;
  }

  /** Allocates and frees on one chip until this is held; a type that is not named is freed. */
  async hold(chip: number, holdings: Holdings): Promise<void> {
    await this.#host.inOrder(async () => {
      if (!this.#running) throw new Error(`${this.options.name} is not running`);
      await ask(this.#child, { kind: 'hold', chip, holdings });
      this.#books.set(chip, holdings);
    });
  }

  /** Lets time pass for its pattern. */
  async step(seconds: number): Promise<void> {
    const { pattern, chips } = this.options;
    if (!this.#running || pattern === undefined) return;
    this.#age += seconds;
    const { holdings, load } = demandAt(pattern, this.#age);
    if (holdings === undefined) {
      await this.crash();
      return;
    }
    this.#host.use(this, this.#cards(), load);
    for (const chip of chips) await this.hold(chip, holdings);
  }

  /** An orderly end: it leaves its regions. */
  async stop(): Promise<void> {
    await this.#tell({ kind: 'stop' });
    this.#books.clear();
  }

  /** It ends by itself without leaving its regions. */
  async crash(): Promise<void> {
    await this.#tell({ kind: 'crash' });
  }

  /** SIGKILL, whatever it does now: its slots and bytes stay in the regions. Resolves when it has left /proc. */
  async kill(): Promise<void> {
    if (this.#running) process.kill(this.pid, 'SIGKILL');
    await this.#ended;
  }

  #cards(): number[] {
    return [...new Set(this.options.chips.map((chip) => this.#host.chip(chip).card))];
  }

  async #tell(command: WorkloadCommand): Promise<void> {
    await this.#host.inOrder(async () => {
      if (this.#running) this.#child.send(command);
      await this.#ended;
    });
  }

  async #watch(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
    this.#running = false;
    this.#host.release(this);
    this.#host.processes.hide(this.pid);
  }
}

/**
 * Starts a process that opens the chips: it shows in /proc and in the drivers' pids files, and keeps its regions open.
 * It holds nothing before hold() or step(). It ends with the host, and with the program that started it.
 */
export async function startWorkload(host: SimulatedHost, options: WorkloadOptions): Promise<Workload> {
  const cards = new Set(options.chips.map((chip) => host.chip(chip).card));
  const driverIndexes = [...cards].map((index) => {
    const { driverIndex } = host.card(index);
    if (driverIndex === undefined) throw new Error(`card ${index} has no driver now: ${options.name} cannot open it`);
    return driverIndex;
  });
  const child = spawnWorkload(options.innerPid);
  try {
    const answer = await host.inOrder(() => ask(child, startMessage(host, options, driverIndexes)));
    if (answer.kind !== 'started') throw new Error(`${options.name} answered "${answer.kind}" instead of starting`);
    host.processes.show(answer.hostPid);
    for (const index of driverIndexes) host.processes.open(index, answer.hostPid);
    const workload = new Workload(host, child, { pid: answer.hostPid, slotPid: answer.slotPid }, options);
    host.onClose(() => workload.kill());
    return workload;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

function startMessage(host: SimulatedHost, options: WorkloadOptions, driverIndexes: readonly number[]): WorkloadStart {
  const tracker = options.tracker ?? 'region';
  const toRegion = tracker === 'region' || tracker === 'both';
  const toServer = tracker === 'server' || tracker === 'both';
  return {
    kind: 'start',
    name: options.name,
    slotPid: options.slotPid,
    chips: options.chips.map((id) => {
      const { logicalId, chipId, remote } = host.chip(id);
      const ownId = options.seesNoOthers === true ? options.chips.filter((other) => other < id).length : logicalId;
      return { logicalId, ownId, chipId, remote, regionPath: host.regionPath(id) };
    }),
    devices: driverIndexes.map((index) => join(host.root, 'dev/tenstorrent', String(index))),
    region: toRegion ? { version: options.regionVersion ?? 4, kernelLayout: options.kernelLayout ?? false } : undefined,
    server: toServer ? { path: host.socket, dialect: options.dialect ?? 'C' } : undefined,
  };
}
