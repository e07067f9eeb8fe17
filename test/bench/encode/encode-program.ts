/**
 * Draws snapshots of a host: the page encoder and prom-client in turn. Prints EncodeResult as JSON.
 *
 *     node encode-program.ts ROUNDS FLAGS...
 */
import { setImmediate } from 'node:timers/promises';
import { createCollector } from '../../../src/collect/collector.ts';
import { collectorConfig } from '../../../src/flags/collector-config.ts';
import { parseCommandLine } from '../../../src/flags/parse.ts';
import { PageEncoder } from '../../../src/metrics/encode/page-encoder.ts';
import { MEMORY_TYPES } from '../../../src/snapshot/memory-types.ts';
import type { MemoryBytes } from '../../../src/snapshot/memory-types.ts';
import type { Snapshot } from '../../../src/snapshot/snapshot.ts';
import { endWithParent } from '../end-with-parent.ts';
import { median } from '../statistics.ts';
import { idiomaticPage } from './idiomatic.ts';

/** Milliseconds until a page's text is there, the median of each round. */
export interface EncodeResult {
  readonly series: number;
  readonly oursMs: readonly number[];
  /** Of pages in which no value is that of the page before. */
  readonly changedMs: readonly number[];
  readonly promClientMs: readonly number[];
}

const SNAPSHOTS = 6;
/** Rounds that do not count. */
const WARM_UP = 6;
const OURS_A_ROUND = 24;
const PROM_CLIENT_A_ROUND = 3;

async function collectSnapshots(flags: readonly string[]): Promise<Snapshot[]> {
  const collector = await createCollector(collectorConfig(parseCommandLine(flags).settings));
  const snapshots: Snapshot[] = [];
  while (snapshots.length < SNAPSHOTS) {
    snapshots.push(await collector.collect({ collectors: undefined, deadlineAt: performance.now() + 10_000 }));
  }
  await collector.close();
  return snapshots;
}

async function timed(count: number, snapshots: readonly Snapshot[], draw: Draw): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < count; at++) {
    // No two pages in a row are of the same objects, as on a real host.
    const snapshot = snapshots[at % snapshots.length];
    if (snapshot === undefined) break;
    const start = performance.now();
    await draw(snapshot);
    times.push(performance.now() - start);
  }
  return median(times);
}

type Draw = (snapshot: Snapshot) => unknown;

/** So many bytes more of each type, for each process that has any. */
function withMore(snapshot: Snapshot, more: number): Snapshot {
  const grown = (bytes: Readonly<MemoryBytes>): MemoryBytes => {
    const all = { ...bytes };
    for (const type of MEMORY_TYPES) if (all[type] !== undefined) all[type] += more;
    return all;
  };
  const devices = snapshot.devices.map(({ memory, ...device }) => ({
    ...device,
    memory: memory && {
      ...memory,
      processes: memory.processes?.map((process) => ({ ...process, bytes: grown(process.bytes) })),
    },
  }));
  return { ...snapshot, devices };
}

endWithParent();
const [rounds, ...flags] = process.argv.slice(2);
const snapshots = await collectSnapshots(flags);
const changing = snapshots.map(withMore);
const encoder = new PageEncoder();
const options = { format: 'text', ownFamilies: new Uint8Array(), ownSeries: 0 } as const;
const ours: Draw = (snapshot) => encoder.encode(snapshot, options);
const changingEncoder = new PageEncoder();
const oursChanging: Draw = (snapshot) => changingEncoder.encode(snapshot, options);
const promClient = idiomaticPage();
const result = { series: 0, oursMs: [] as number[], changedMs: [] as number[], promClientMs: [] as number[] };
for (let round = -WARM_UP; round < Number(rounds); round++) {
  const oursMs = await timed(OURS_A_ROUND, snapshots, ours);
  const changedMs = await timed(OURS_A_ROUND, changing, oursChanging);
  const promClientMs = await timed(PROM_CLIENT_A_ROUND, snapshots, promClient);
  await setImmediate();
  if (round < 0) continue;
  result.oursMs.push(oursMs);
  result.changedMs.push(changedMs);
  result.promClientMs.push(promClientMs);
}
const [snapshot] = snapshots;
if (snapshot !== undefined) result.series = encoder.encode(snapshot, options).series;
console.log(JSON.stringify(result satisfies EncodeResult));
process.exit();
