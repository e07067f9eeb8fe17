import { readFile, stat } from 'node:fs/promises';
import type { CapacityConfig } from '../capacity/config.ts';
import { createLaneReader } from '../io/lane-reader.ts';
import type { LaneReader } from '../io/lanes.ts';
import { MixedNumbers } from '../join/mixed-numbers.ts';
import { OpenedCards } from '../join/opened-cards.ts';
import { ProcessBudget } from '../join/process-budget.ts';
import { joinSnapshot } from '../join/snapshot.ts';
import type { TrackedChip } from '../join/tracked-chip.ts';
import type { CollectorSnapshot, Snapshot } from '../snapshot/snapshot.ts';
import type { Talk } from '../sources/allocation-server/connection.ts';
import { createAllocationServerSource } from '../sources/allocation-server/source.ts';
import type { AllocationServerReading } from '../sources/allocation-server/types.ts';
import { createKubernetesSource } from '../sources/kubernetes/source.ts';
import type { KubernetesReading } from '../sources/kubernetes/types.ts';
import { createProcfsSource } from '../sources/procfs/source.ts';
import type { ProcfsReading } from '../sources/procfs/types.ts';
import { createSharedMemorySource, wantedFiles } from '../sources/shared-memory/source.ts';
import type { SharedMemoryReading } from '../sources/shared-memory/types.ts';
import type { ReadError, Source, SourceRun, SourceState } from '../sources/source.ts';
import { createSysfsSource } from '../sources/sysfs/source.ts';
import type { SysfsReading } from '../sources/sysfs/types.ts';
import type { TrackerSource } from '../sources/tracker-source.ts';
import { TRACKER_SOURCES } from '../sources/tracker-sources.ts';
import { Collection, SourceRunner } from './collection.ts';
import { DriverNumbers } from './driver-numbers.ts';
import { ErrorCounts } from './error-counts.ts';
import { ReportingProcesses } from './reporting-processes.ts';
import type { CollectRequest, Collector, CollectorConfig, ReloadResult } from './types.ts';
import { UserNames } from './user-names.ts';

export interface CollectorOptions {
  /** Told of everything that could not be read or believed, for the log. */
  readonly onError?: (collector: string, error: ReadError) => void;
  /** Told of what is odd and lasting, so that it is not counted again on every scrape. */
  readonly onNotice?: (message: string) => void;
  readonly trackers?: readonly TrackerSource[];
  readonly lanes?: LaneReader;
  /** Where the names of users are, if not in /etc/passwd. */
  readonly passwdFile?: string;
  readonly sources?: (...parts: SourceParts) => readonly Source<unknown>[];
}

/** Left of a scrape's time for joining, encoding and compressing. */
const SHARE_FOR_ANSWER = 0.05;

/**
 * Which chip is which is known from sysfs, whose a PID is from procfs, and what its pod is called from the kubelet: they
 * are read with the memory sources, also where a filter shows none of them, or labels would change with the filter.
 */
const NEEDED_FOR_LABELS = ['sysfs', 'procfs', 'kubernetes'];

/** Rejects with CapacityConfigError, or the error of reading the file, where `--capacity.config.file` is no good. */
export async function createCollector(config: CollectorConfig, options: CollectorOptions = {}): Promise<Collector> {
  const capacity = await readCapacity(config);
  const lanes = options.lanes ?? createLaneReader();
  return new HostCollector(config, capacity, lanes, options);
}

async function readCapacity(config: CollectorConfig): Promise<CapacityConfig | undefined> {
  const file = config.capacityConfigFile;
  if (file === undefined) return undefined;
  // Without such a file there is no YAML to be read: its parser is a quarter of what a reader would load.
  const { parseCapacityConfig } = await import('../capacity/config.ts');
  return parseCapacityConfig(await readFile(file, 'utf8'), file);
}

/** Who is told of what was read, byte by byte. */
export interface SourceTaps {
  readonly onRegionBytes: (path: string, bytes: Buffer) => void;
  readonly onServerTalk: (talk: Talk) => void;
}

/** What sources are made from. */
type SourceParts = readonly [config: CollectorConfig, lanes: LaneReader, trackers: readonly TrackerSource[]];

/**
 * The sources of a host, in the order in which they are started: procfs before sysfs, whose some hundred files would keep
 * the thread that both read with, while others wait for the few of procfs.
 */
export function buildSources(
  ...[config, lanes, trackers, taps]: readonly [...SourceParts, taps?: SourceTaps | undefined]
): readonly Source<unknown>[] {
  const { socketPath, socketOwner: trustedOwner } = config;
  return [
    createAllocationServerSource({ socketPath, trustedOwner, onTalk: taps?.onServerTalk }),
    createSharedMemorySource({ path: config.shmPath, onBytes: taps?.onRegionBytes }),
    createProcfsSource({ path: config.procfsPath, sysfsPath: config.sysfsPath, lanes }),
    createSysfsSource({ path: config.sysfsPath, lanes, flitCounters: isSampled(config) }),
    createKubernetesSource({ podLogsPath: config.podLogsPath, podResourcesSocket: config.podResourcesSocket }),
    ...trackers.map((tracker) => tracker.create({ config, lanes })),
  ];
}

/** Nobody would close the sampler of a source that is not enabled. */
function isSampled({ pcieCounters, collectors }: CollectorConfig): boolean {
  return pcieCounters && collectors.includes('sysfs');
}

class HostCollector implements Collector {
  readonly #config: CollectorConfig;
  readonly #options: CollectorOptions;
  readonly #lanes: LaneReader;
  readonly #runners = new Map<string, SourceRunner>();
  readonly #trackerNames: readonly string[];
  readonly #errors = new ErrorCounts();
  readonly #budget: ProcessBudget;
  readonly #openedCards = new OpenedCards();
  readonly #mixedNumbers = new MixedNumbers();
  readonly #userNames: UserNames | undefined;
  readonly #numbers: DriverNumbers;
  readonly #reporting: ReportingProcesses;
  #capacity: CapacityConfig | undefined;
  #current: Collection | undefined;

  constructor(
    config: CollectorConfig,
    capacity: CapacityConfig | undefined,
    lanes: LaneReader,
    options: CollectorOptions,
  ) {
    this.#config = config;
    this.#capacity = capacity;
    this.#lanes = lanes;
    this.#options = options;
    this.#numbers = new DriverNumbers(config.sysfsPath);
    this.#reporting = new ReportingProcesses(config.procfsPath);
    this.#budget = new ProcessBudget(config.maxProcesses);
    this.#userNames = config.processUser ? new UserNames(options.passwdFile ?? '/etc/passwd') : undefined;
    const trackers = options.trackers ?? TRACKER_SOURCES;
    this.#trackerNames = trackers.map((tracker) => tracker.name);
    const build = options.sources ?? buildSources;
    for (const source of build(config, lanes, trackers)) {
      if (config.collectors.includes(source.name)) this.#runners.set(source.name, new SourceRunner(source));
    }
  }

  async collect(request: CollectRequest): Promise<Snapshot> {
    const shown = new Set(request.collectors ?? this.#config.collectors);
    const sourceDeadline = request.deadlineAt - SHARE_FOR_ANSWER * Math.max(0, request.deadlineAt - performance.now());
    const collection = this.#join(sourceDeadline);
    const runs = this.#start(collection, shown);
    await settled([...runs.values()], request.deadlineAt);
    return this.#snapshot(collection, runs, shown, request.deadlineAt);
  }

  async reload(): Promise<ReloadResult> {
    try {
      this.#capacity = await readCapacity(this.#config);
      return { ok: true };
    } catch (error) {
      return { ok: false, message: error instanceof Error ? error.message : String(error) };
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#runners.values()].map((runner) => runner.source.close()));
    await this.#lanes.close();
    this.#numbers.close();
  }

  #join(deadlineAt: number): Collection {
    if (this.#current?.isOpen === true) this.#current.extendTo(deadlineAt);
    else {
      this.#reporting.begin();
      this.#current = new Collection(deadlineAt, this.#numbers.begin());
    }
    return this.#current;
  }

  #start(collection: Collection, shown: ReadonlySet<string>): Map<string, SourceRun<unknown>> {
    const memory = ['allocation_server', 'shared_memory', ...this.#trackerNames].some((name) => shown.has(name));
    const needed = new Set([...shown, ...(memory ? NEEDED_FOR_LABELS : [])]);
    // Whoever shares the collection may want the regions' holders: procfs is told of the regions in any case.
    if (needed.has('procfs')) needed.add('shared_memory').add('kubernetes');
    const runs = new Map<string, SourceRun<unknown>>();
    for (const [name, runner] of this.#runners) {
      if (!needed.has(name)) continue;
      runs.set(
        name,
        collection.ensure(runner, (run) => {
          this.#count(name, run);
        }),
      );
    }
    // Each waits for the other's word, so both are started here or the word is given for the one that is not.
    if (!runs.has('procfs') && runs.has('shared_memory')) collection.setDeviceHolders([]);
    if (runs.has('procfs')) void this.#tellWantedFiles(collection, runs.get('shared_memory'));
    return runs;
  }

  async #tellWantedFiles(collection: Collection, run: SourceRun<unknown> | undefined): Promise<void> {
    await run?.done;
    const reading = run?.state().data as SharedMemoryReading | undefined;
    for (const { path, region } of reading?.regions ?? []) {
      if (region?.disagreement !== undefined) this.#options.onNotice?.(`${path}: ${region.disagreement}`);
    }
    collection.setWantedFiles(reading === undefined ? [] : wantedFiles(reading));
  }

  #count(collector: string, run: SourceRun<unknown>): void {
    for (const error of run.state().errors) this.#report(collector, error);
  }

  #report(collector: string, error: ReadError): void {
    this.#errors.add(collector, error.reason);
    this.#options.onError?.(collector, error);
  }

  async #snapshot(
    collection: Collection,
    runs: ReadonlyMap<string, SourceRun<unknown>>,
    shown: ReadonlySet<string>,
    deadlineAt: number,
  ): Promise<Snapshot> {
    const states = new Map([...runs].map(([name, run]) => [name, run.state()]));
    const userNames = await this.#userNames?.read();
    const server = states.get('allocation_server') as SourceState<AllocationServerReading> | undefined;
    const sysfs = states.get('sysfs')?.data as SysfsReading | undefined;
    const procfs = this.#sureHolders(collection, sysfs, states.get('procfs')?.data as ProcfsReading | undefined);
    const { snapshot, errors } = joinSnapshot({
      takenAtSeconds: collection.takenAtSeconds,
      shown,
      sysfs,
      procfs: procfs && server?.data ? await this.#reporting.addTo(procfs, server.data, deadlineAt) : procfs,
      kubernetes: states.get('kubernetes')?.data as KubernetesReading | undefined,
      sharedMemory: shown.has('shared_memory')
        ? (states.get('shared_memory')?.data as SharedMemoryReading | undefined)
        : undefined,
      allocationServer: server?.data,
      allocationServerFailed: server !== undefined && server.outcome !== 'ok' && server.outcome !== 'no_data',
      furtherTrackers: this.#trackerNames.flatMap((name) => (states.get(name)?.data ?? []) as readonly TrackedChip[]),
      memorySource: this.#config.memorySource,
      processDetail: this.#config.processDetail,
      processBudget: this.#budget,
      openedCards: this.#openedCards,
      mixedNumbers: this.#mixedNumbers,
      userNames,
      capacityConfig: this.#capacity,
      devicesExpected: this.#config.devicesExpected,
      maintenance: await this.#maintenance(),
    });
    if (!collection.joinErrorsCounted) {
      collection.joinErrorsCounted = true;
      for (const error of errors) this.#report(error.collector, error);
    }
    const collectors = this.#config.collectors.flatMap((name) => {
      const state = states.get(name);
      return state !== undefined && shown.has(name) ? [describe(name, state)] : [];
    });
    return { ...snapshot, collectors, readErrors: this.#errors.snapshot() };
  }

  #sureHolders(
    { numbersBefore }: Collection,
    sysfs: SysfsReading | undefined,
    procfs: ProcfsReading | undefined,
  ): ProcfsReading | undefined {
    if (numbersBefore === undefined || sysfs === undefined || procfs === undefined) return procfs;
    return this.#numbers.withoutUnsure(numbersBefore, sysfs.cards, procfs);
  }

  /** undefined where no file was named: then nothing is said about maintenance. */
  async #maintenance(): Promise<boolean | undefined> {
    const file = this.#config.maintenanceFile;
    if (file === undefined) return undefined;
    return stat(file).then(
      () => true,
      () => false,
    );
  }
}

function describe(name: string, state: SourceState<unknown>): CollectorSnapshot {
  return { name, outcome: state.outcome ?? 'running', durationSeconds: state.durationSeconds };
}

/** Resolves when all runs are over, or at the moment given. */
async function settled(runs: readonly SourceRun<unknown>[], at: number): Promise<void> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(
    () => {
      late.resolve(undefined);
    },
    Math.max(0, at - performance.now()),
  );
  await Promise.race([Promise.all(runs.map((run) => run.done)), late.promise]);
  clearTimeout(timer);
}
