/**
 * Makes OpenTelemetry's points of snapshots of a Galaxy, by this project's producer and by batch observables in turn, and
 * draws both by the official serializer. Prints OtelResult as JSON.
 *
 *     node otel-program.ts ROUNDS
 */
import { setImmediate } from 'node:timers/promises';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { FAMILIES } from '../../../src/metrics/catalogue.ts';
import { SampleProducer } from '../../../src/otel/producer.ts';
import { decodeSampleTable, encodeSampleTable } from '../../../src/samples/codec.ts';
import { drawSamples } from '../../../src/samples/draw-samples.ts';
import type { Snapshot } from '../../../src/snapshot/snapshot.ts';
import { galaxySnapshot } from '../../metrics/bench/galaxy-snapshot.ts';
import { endWithParent } from '../end-with-parent.ts';
import { median } from '../statistics.ts';
import { batchObservables } from './batch-observables.ts';

/** Milliseconds, the median of each round. */
export interface OtelResult {
  readonly points: number;
  /** From a snapshot to points; ours with the way from one process to the other. */
  readonly collect: { readonly ours: number[]; readonly observables: number[] };
  /** The same, and drawing them. */
  readonly whole: { readonly ours: number[]; readonly observables: number[] };
}

type Collect = (snapshot: Snapshot) => Promise<ResourceMetrics>;

const WARM_UP = 3;
const TIMES_A_ROUND = 3;
const PROCESSES_A_CHIP = 51;

function producer(): Collect {
  let current: Snapshot | undefined;
  const samples = new SampleProducer({
    read: () => {
      if (current === undefined) return Promise.reject(new Error('no snapshot'));
      return Promise.resolve(decodeSampleTable(encodeSampleTable(drawSamples(current, FAMILIES))));
    },
  });
  return async (snapshot) => {
    current = snapshot;
    return (await samples.collect()).resourceMetrics;
  };
}

async function timed(collect: Collect, snapshots: readonly Snapshot[]): Promise<{ collect: number; whole: number }> {
  const times = { collect: [] as number[], whole: [] as number[] };
  for (let at = 0; at < TIMES_A_ROUND; at++) {
    const snapshot = snapshots[at % snapshots.length];
    if (snapshot === undefined) break;
    const start = performance.now();
    const metrics = await collect(snapshot);
    times.collect.push(performance.now() - start);
    serializer.serialize(metrics);
    times.whole.push(performance.now() - start);
    await setImmediate();
  }
  return { collect: median(times.collect), whole: median(times.whole) };
}

endWithParent();
const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
const snapshots = [0, 1, 2].map((seed) => galaxySnapshot(PROCESSES_A_CHIP, seed));
const subjects = { ours: producer(), observables: batchObservables() };
const result: OtelResult = {
  points: snapshots[0] === undefined ? 0 : countPoints(await subjects.ours(snapshots[0])),
  collect: { ours: [], observables: [] },
  whole: { ours: [], observables: [] },
};
for (let round = -WARM_UP; round < Number(process.argv[2]); round++) {
  for (const name of ['ours', 'observables'] as const) {
    const times = await timed(subjects[name], snapshots);
    if (round < 0) continue;
    result.collect[name].push(times.collect);
    result.whole[name].push(times.whole);
  }
}
console.log(JSON.stringify(result));
process.exit();

function countPoints({ scopeMetrics }: ResourceMetrics): number {
  return scopeMetrics.reduce(
    (sum, { metrics }) => sum + metrics.reduce((own, { dataPoints }) => own + dataPoints.length, 0),
    0,
  );
}
