/**
 * Draws pages of a host and counts what is allocated on the heap for each. Prints GarbageResult as JSON.
 *
 *     node garbage-program.ts PAGES FLAGS...
 */
import type { HeapProfiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { collectorConfig } from '../../src/flags/collector-config.ts';
import { parseCommandLine } from '../../src/flags/parse.ts';
import { createLog } from '../../src/log/log.ts';
import { createPageService } from '../../src/reader/service.ts';
import { endWithParent } from './end-with-parent.ts';

export interface GarbageResult {
  /** Of a scrape, without the page itself, which is not on the heap. */
  readonly kibibytes: number;
}

const WARM_UP = 300;
/** Bytes between two samples, on average. */
const SAMPLING_INTERVAL = 4096;
endWithParent();

const [pages, ...flags] = process.argv.slice(2);
const log = createLog({ level: 'warn', format: 'logfmt' });
const service = await createPageService(collectorConfig(parseCommandLine(flags).settings), log);
const own = { bytes: new Uint8Array(0), samples: 0 };
const request = {
  collectors: undefined,
  format: 'text',
  gzip: true,
  timeoutMs: 10_000,
  own: () => Promise.resolve(own),
} as const;

async function draw(count: number): Promise<void> {
  for (let page = 0; page < count; page++) await service.page(request);
}

function allocated({ selfSize, children }: HeapProfiler.SamplingHeapProfileNode): number {
  return children.reduce((sum, child) => sum + allocated(child), selfSize);
}

await draw(WARM_UP);
const session = new Session();
session.connect();
await session.post('HeapProfiler.enable');
await session.post('HeapProfiler.startSampling', {
  samplingInterval: SAMPLING_INTERVAL,
  includeObjectsCollectedByMajorGC: true,
  includeObjectsCollectedByMinorGC: true,
});
await draw(Number(pages));
const { profile } = await session.post('HeapProfiler.stopSampling');
console.log(JSON.stringify({ kibibytes: allocated(profile.head) / 1024 / Number(pages) } satisfies GarbageResult));
await service.close();
process.exit();
