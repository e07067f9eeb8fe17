import { setImmediate } from 'node:timers/promises';
import { listRegions } from './list.ts';
import { readRegion } from './read.ts';
import { codeOf, messageOf } from './region-errors.ts';
import { readClock } from './timestamps.ts';
import type { Deadline } from '../../collect/deadline.ts';
import type { Outcome, ReadError, Source, SourceRun, SourceState, WantedFile } from '../source.ts';
import type { RegionEntry } from './list.ts';
import type { RegionReadContext } from './read.ts';
import type { RegionReading, SharedMemoryReading } from './types.ts';

export interface SharedMemoryOptions {
  /** Where the regions are: /dev/shm. */
  readonly path: string;
  /** What a chip cannot hold: a counter above it is left out. */
  readonly maxBytes?: number;
}

/** Twice the DRAM of the largest board, and each chip has a region of its own. */
const DEFAULT_MAX_BYTES = 64 * 2 ** 30;

/** So that a sum over 64 slots stays exact. */
const LARGEST_MAX_BYTES = 2 ** 47;

/** A host has some dozens; the rest of a flood is left out, and said. */
const MAX_REGIONS = 1024;

/** Regions between two turns of the event loop: half a millisecond. */
const BATCH = 64;

/** The source that reads TT-Metal's shared memory regions, one for each chip and directory. */
export function createSharedMemorySource(options: SharedMemoryOptions): Source<SharedMemoryReading> {
  return {
    name: 'shared_memory',
    start: ({ deadline }) => startRun(options, deadline),
    close: () => Promise.resolve(),
  };
}

/**
 * The regions whose holders are wanted: each decoded one, with the PIDs of its slots. One without slots is wanted too:
 * a holder that owns none is memory that nobody counts.
 */
export function wantedFiles(reading: SharedMemoryReading): WantedFile[] {
  const wanted: WantedFile[] = [];
  for (const { file, fingerprint, region } of reading.regions) {
    if (file === undefined || fingerprint === undefined || region === undefined) continue;
    const pids = new Set<number>();
    for (const { pid } of region.slots) {
      if (pid > 0) pids.add(pid);
    }
    wanted.push({ file, fingerprint, writerPids: [...pids] });
  }
  return wanted;
}

/** What a run has by now. */
interface Progress {
  readonly startedAt: number;
  endedAt: number | undefined;
  outcome: Outcome | undefined;
  /** undefined until the directory is listed. */
  regions: RegionReading[] | undefined;
  readonly errors: ReadError[];
}

function startRun(options: SharedMemoryOptions, deadline: Deadline): SourceRun<SharedMemoryReading> {
  const progress: Progress = {
    startedAt: performance.now(),
    endedAt: undefined,
    outcome: undefined,
    regions: undefined,
    errors: [],
  };
  return { done: run(options, deadline, progress), state: () => stateOf(progress) };
}

async function run(options: SharedMemoryOptions, deadline: Deadline, progress: Progress): Promise<void> {
  // The other sources send their first requests before this one keeps the thread.
  await Promise.resolve();
  try {
    progress.outcome = await readAll(options, deadline, progress);
  } catch (error) {
    progress.outcome = noteFailure(options.path, error, progress);
  }
  progress.endedAt = performance.now();
}

async function readAll(options: SharedMemoryOptions, deadline: Deadline, progress: Progress): Promise<Outcome> {
  const { entries, more, late } = await listRegions(options.path, MAX_REGIONS, deadline);
  const regions: RegionReading[] = [];
  progress.regions = regions;
  if (more)
    note(progress, 'too_many_regions', `${options.path} has more than ${MAX_REGIONS} regions: the rest is left out`);
  const inTime = await readEntries(entries, regions, deadline, contextOf(options, progress));
  if (late || !inTime) {
    note(progress, 'deadline', `${options.path} was not read to its end in time: it holds very many files`);
    return 'failed';
  }
  if (regions.length === 0) return 'no_data';
  return regions.every(({ status }) => status === 'unreadable') ? 'failed' : 'ok';
}

function contextOf({ maxBytes = DEFAULT_MAX_BYTES }: SharedMemoryOptions, { errors }: Progress): RegionReadContext {
  const decode = { maxBytes: Math.min(maxBytes, LARGEST_MAX_BYTES), clock: readClock() };
  return { decode, errors, linked: new Set() };
}

async function readEntries(
  entries: readonly RegionEntry[],
  regions: RegionReading[],
  deadline: Deadline,
  context: RegionReadContext,
): Promise<boolean> {
  for (const [index, entry] of entries.entries()) {
    if (index > 0 && index % BATCH === 0) await setImmediate();
    if (deadline.remaining() === 0) return false;
    const reading = readRegion(entry, context);
    if (reading !== undefined) regions.push(reading);
  }
  return true;
}

/** A directory that is not there is a host where no TT-Metal process has run, or a root that does not exist. */
function noteFailure(path: string, error: unknown, progress: Progress): Outcome {
  const code = codeOf(error);
  if (code === 'ENOENT') return 'no_data';
  if (code === 'EACCES') {
    note(progress, 'unreadable', `${path} may not be listed: run the exporter as root or give it CAP_DAC_READ_SEARCH`);
  } else {
    note(progress, 'io_error', `${path} cannot be listed: ${messageOf(error)}`);
  }
  return 'failed';
}

function note(progress: Progress, reason: string, message: string): void {
  progress.errors.push({ reason, message });
}

function stateOf({ startedAt, endedAt, outcome, regions, errors }: Progress): SourceState<SharedMemoryReading> {
  return {
    outcome,
    data: regions === undefined ? undefined : { regions: regions.slice() },
    errors: errors.slice(),
    durationSeconds: ((endedAt ?? performance.now()) - startedAt) / 1000,
  };
}
