/**
 * Draws and compresses pages of about 15,000 and 100,000 series in turn. Prints ScaleResult as JSON.
 *
 *     node scale-program.ts ROUNDS
 */
import { setImmediate } from 'node:timers/promises';
import { PageGzip } from '../../../src/gzip/page-gzip.ts';
import { PageEncoder } from '../../../src/metrics/encode/page-encoder.ts';
import { drawPage } from '../../../src/reader/page-service.ts';
import { galaxySnapshot } from '../../metrics/bench/galaxy-snapshot.ts';
import { endWithParent } from '../end-with-parent.ts';
import { median } from '../statistics.ts';

/** Microseconds a series until the bytes can be sent, the median of each round. */
export interface ScaleResult {
  readonly small: ScaleOfPage;
  readonly large: ScaleOfPage;
}

export interface ScaleOfPage {
  readonly series: number;
  readonly microsecondsASeries: readonly number[];
}

const WARM_UP = 4;
const PAGES_A_ROUND = { small: 14, large: 3 };
endWithParent();
const options = { format: 'text', gzip: true, own: { bytes: new Uint8Array(), samples: 0 } } as const;

function subject(processesAChip: number, pages: number): () => { series: number; microseconds: number } {
  // Of its own, like the host.
  const encoder = new PageEncoder();
  const compressor = new PageGzip();
  const snapshots = [0, 1, 2].map((seed) => galaxySnapshot(processesAChip, seed));
  return () => {
    const times: number[] = [];
    let series = 0;
    for (let page = 0; page < pages; page++) {
      const snapshot = snapshots[page % snapshots.length];
      if (snapshot === undefined) break;
      const start = performance.now();
      ({ series } = drawPage(encoder, compressor, snapshot, options));
      times.push((performance.now() - start) * 1000);
    }
    return { series, microseconds: median(times) / series };
  };
}

const subjects = { small: subject(51, PAGES_A_ROUND.small), large: subject(383, PAGES_A_ROUND.large) };
const results = {
  small: { series: 0, microsecondsASeries: [] as number[] },
  large: { series: 0, microsecondsASeries: [] as number[] },
};
for (let round = -WARM_UP; round < Number(process.argv[2]); round++) {
  await setImmediate();
  for (const size of ['small', 'large'] as const) {
    const { series, microseconds } = subjects[size]();
    results[size].series = series;
    if (round >= 0) results[size].microsecondsASeries.push(microseconds);
  }
}
console.log(JSON.stringify(results satisfies ScaleResult));
process.exit();
