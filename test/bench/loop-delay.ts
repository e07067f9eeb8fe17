import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BenchHost } from './bench-host.ts';
import { startOurs } from './exporters/ours.ts';
import type { OursOptions } from './exporters/ours.ts';
import { processTree } from './process-costs.ts';
import { scrapeFor } from './scrape.ts';
import { waitForEnd } from './wait-for-end.ts';

/** 99th percentile in milliseconds under scrapes without a pause. */
export interface LoopDelay {
  readonly http: number;
  readonly reader: number;
}

export interface LoopDelayPlan {
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly script: NonNullable<OursOptions['script']>;
}

/** How long the event loops of an exporter of its own keep things waiting: measuring it costs the exporter something. */
export async function measureLoopDelay(host: BenchHost, folder: string, plan: LoopDelayPlan): Promise<LoopDelay> {
  const results = join(folder, 'loop-delay');
  await mkdir(results, { recursive: true });
  const preload = pathToFileURL(join(import.meta.dirname, 'loop-delay-preload.ts')).href;
  const program = await startOurs(host, {
    script: plan.script,
    nodeFlags: [`--import=${preload}`],
    environment: { TT_BENCH_LOOP_DELAY: results },
  });
  const { leastSeries } = host;
  try {
    await scrapeFor(program.said, { milliseconds: plan.warmUpMs, leastSeries });
    const pids = processTree(program.pid);
    for (const pid of pids) process.kill(pid, 'SIGUSR2');
    await scrapeFor(program.said, { milliseconds: plan.measureMs, leastSeries });
    await program.end();
    await waitForEnd(pids);
    const [http = NaN, reader = NaN] = await Promise.all(
      pids.map(async (pid) => Number(await readFile(join(results, String(pid)), 'utf8'))),
    );
    return { http, reader };
  } finally {
    await program.end();
  }
}
