import { readFile } from 'node:fs/promises';
import { createCollector, buildSources } from '../collect/collector.ts';
import { parseCapacityConfig } from '../capacity/config.ts';
import { collectorConfig } from '../flags/collector-config.ts';
import type { Settings } from '../flags/table.ts';
import { viewOfSnapshot } from '../host-view/from-snapshot.ts';
import { createLaneReader } from '../io/lane-reader.ts';
import { UNRESOLVED_DEVICE } from '../join/place-server.ts';
import { ALLOCATION_SERVER } from '../join/server-tracker.ts';
import { errorText } from '../log/log.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Source, SourceRun, SourceState } from '../sources/source.ts';
import type { HostRecord } from './bundle/host-record.ts';
import { lookAtAddress } from './look-at-address.ts';
import type { CheckFacts, FileFact, SourceFacts } from './types.ts';

const CAPACITY_FLAG = 'capacity.config.file';

/** This host, as `check` looks at it. */
export interface CheckedHost {
  facts(): Promise<CheckFacts>;
  /** What the last facts() was made from; undefined before. */
  snapshot(): Snapshot | undefined;
  close(): Promise<void>;
  stuck(): boolean;
}

/**
 * Opens this host; a configuration file that is bad is a finding, and read as if the flag was left out. `record`: keeps
 * what is read.
 */
export async function openCheckedHost(settings: Settings, record?: HostRecord): Promise<CheckedHost> {
  const files = await lookAtFiles(settings);
  const good = files.every(({ flag, problem }) => flag !== CAPACITY_FLAG || problem === undefined);
  const config = { ...collectorConfig(settings), ...(good ? {} : { capacityConfigFile: undefined }) };
  const lanes = createLaneReader();
  const runs = new Map<string, SourceRun<unknown>>();
  const unresolved: string[] = [];
  const collector = await createCollector(config, {
    lanes: record?.wrap(lanes) ?? lanes,
    sources: (...parts) => buildSources(...parts, record?.taps).map((source) => recorded(source, runs)),
    onError: (name, { reason, message }) => {
      if (name === ALLOCATION_SERVER && reason === UNRESOLVED_DEVICE) unresolved.push(message);
    },
  });
  let last: Snapshot | undefined;
  return {
    facts: async () => {
      const deadlineAt = performance.now() + settings.readTimeoutSeconds * 1000;
      unresolved.length = 0;
      const [snapshot, addresses] = await Promise.all([
        collector.collect({ collectors: undefined, deadlineAt }),
        Promise.all(settings.listenAddresses.map(lookAtAddress)),
      ]);
      last = snapshot;
      return {
        sources: sourceFacts(runs),
        view: viewOfSnapshot(snapshot),
        unresolved: [...unresolved],
        uid: process.geteuid?.() ?? 0,
        paths: { shm: settings.shmPath, socket: settings.socketPath, procfs: settings.procfsPath },
        addresses,
        files,
      };
    },
    snapshot: () => last,
    close: () => collector.close(),
    stuck: () => lanes.stuck(),
  };
}

/** The source, with each of its runs told: the join keeps only what numbers are made of. */
function recorded<T>(source: Source<T>, runs: Map<string, SourceRun<unknown>>): Source<T> {
  return {
    name: source.name,
    start: (context) => {
      const run = source.start(context);
      runs.set(source.name, run);
      return run;
    },
    close: () => source.close(),
  };
}

function sourceFacts(runs: ReadonlyMap<string, SourceRun<unknown>>): SourceFacts {
  // Each name has one type of reading: see buildSources().
  const state = <T>(name: string): SourceState<T> | undefined => runs.get(name)?.state() as SourceState<T> | undefined;
  return {
    sysfs: state('sysfs'),
    sharedMemory: state('shared_memory'),
    allocationServer: state('allocation_server'),
    procfs: state('procfs'),
    kubernetes: state('kubernetes'),
  };
}

async function lookAtFiles({ capacityConfigFile, webConfigFile }: Settings): Promise<FileFact[]> {
  const files: FileFact[] = [];
  if (capacityConfigFile !== undefined) {
    files.push({ flag: CAPACITY_FLAG, path: capacityConfigFile, problem: await capacityProblem(capacityConfigFile) });
  }
  if (webConfigFile !== undefined) {
    const { checkWebConfig } = await import('../web-config/load.ts');
    files.push({ flag: 'web.config.file', path: webConfigFile, problem: await checkWebConfig(webConfigFile) });
  }
  return files;
}

async function capacityProblem(path: string): Promise<string | undefined> {
  try {
    parseCapacityConfig(await readFile(path, 'utf8'), path);
    return undefined;
  } catch (error) {
    return errorText(error).split('\n')[0];
  }
}
