import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCollector } from '../../src/collect/collector.ts';
import type { Collector } from '../../src/collect/types.ts';
import { collectorConfig } from '../../src/flags/collector-config.ts';
import { defaultSettings } from '../../src/flags/parse.ts';
import { createInlineLaneReader } from '../../src/io/inline-lane-reader.ts';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { RegionWriter } from '../../src/simulator/region-writer.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';

/** Of the processes that hold the chip and its region. */
const FIRST_WRITER = 100_001;
const FIRST_OTHER = 200_001;

/** What a process that has nothing to do with the chip has open. */
const ORDINARY = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [index, `socket:[${9000 + index}]`]));

/** One n150 whose processes are few among many: made up, as folders, with a collector before them. */
export class CrowdedHost implements AsyncDisposable {
  readonly #root: string;
  readonly #host: SimulatedHost;
  readonly #collector: Collector;
  readonly #writer: RegionWriter;
  #newest: number;

  /** `others`: processes of the host beside the `writers`. Every second one is a container's PID 1. */
  static async create({
    writers,
    others,
  }: {
    readonly writers: number;
    readonly others: number;
  }): Promise<CrowdedHost> {
    const root = mkdtempSync(join(tmpdir(), 'crowd-'));
    const host = await createSimulatedHost('n150', { root });
    const writer = RegionWriter.open(host.regionPath(0), { version: 4, chipId: host.chip(0).chipId, deviceId: 0 });
    for (let index = 0; index < writers; index += 1) putWriter(host, writer, index);
    for (let index = 0; index < others; index += 1) putOther(host, FIRST_OTHER + index);
    const collector = await createCollector(
      {
        ...collectorConfig(defaultSettings()),
        sysfsPath: host.sysfs,
        procfsPath: host.procfs,
        shmPath: host.shm,
        podLogsPath: '/nowhere',
        socketPath: host.socket,
        pcieCounters: false,
      },
      { lanes: createInlineLaneReader() },
    );
    return new CrowdedHost(root, host, collector, writer, FIRST_OTHER + others);
  }

  private constructor(
    root: string,
    host: SimulatedHost,
    collector: Collector,
    writer: RegionWriter,
    firstNewcomer: number,
  ) {
    this.#root = root;
    this.#host = host;
    this.#collector = collector;
    this.#writer = writer;
    this.#newest = firstNewcomer;
  }

  /** What happens between two scrapes: a writer allocates, one of the others starts, and the one before it ends. */
  pass(): void {
    this.#writer.allocate(innerPid(0), 'dram', 4096);
    this.#host.processes.hide(this.#newest);
    this.#newest += 1;
    putOther(this.#host, this.#newest);
  }

  collect(): Promise<Snapshot> {
    return this.#collector.collect({ collectors: undefined, deadlineAt: performance.now() + 60_000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#writer.die();
    await this.#collector.close();
    await this.#host.close();
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** Every second one is in a PID namespace, and one of them its PID 1. */
function innerPid(index: number): number {
  return index % 2 === 0 ? index + 1 : FIRST_WRITER + index;
}

function putWriter(host: SimulatedHost, writer: RegionWriter, index: number): void {
  const pid = FIRST_WRITER + index;
  const own = innerPid(index);
  writer.attach(own, 'python3');
  writer.allocate(own, 'dram', 4096 * (index + 1));
  const descriptors = { ...ORDINARY, 20: '/dev/tenstorrent/0', 21: host.regionPath(0) };
  const namespacePids = own === pid ? [pid] : [pid, own];
  host.processes.put({ pid, namespacePids, comm: 'python3', startTicks: 5000 + index, descriptors }, [0]);
}

function putOther(host: SimulatedHost, pid: number): void {
  const namespacePids = pid % 2 === 0 ? [pid] : [pid, 1];
  host.processes.put({ pid, namespacePids, comm: 'other', startTicks: 6000, descriptors: ORDINARY });
}
