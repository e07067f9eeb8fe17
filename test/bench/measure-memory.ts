import type { BenchHost } from './bench-host.ts';
import { startOurs } from './exporters/ours.ts';
import { processTree, proportionalMiB, residentMiB } from './process-costs.ts';
import { measurePage, ScrapeClient } from './scrape.ts';

/** Says how much memory there is so many times. */
const TIMES = 10;

/** Scrapes the exporter so often, and tells along the way what memory its processes have. */
export async function measureMemory(
  host: BenchHost,
  { scrapes, script }: { readonly scrapes: number; readonly script: string },
  tell: (line: string) => void,
): Promise<void> {
  const program = await startOurs(host, { script });
  const client = new ScrapeClient(program.said);
  try {
    for (let scrape = 1; scrape <= scrapes; scrape++) {
      const { compressed } = await client.scrape();
      if (scrape % Math.ceil(scrapes / TIMES) !== 0 && scrape !== scrapes) continue;
      measurePage(compressed, host.leastSeries);
      const pids = processTree(program.pid);
      const each = pids.map((pid) => residentMiB([pid]).toFixed(0)).join(' + ');
      tell(
        `${scrape} scrapes: RSS ${residentMiB(pids).toFixed(0)} MiB (${each}), PSS ${proportionalMiB(pids).toFixed(0)} MiB`,
      );
    }
  } finally {
    client.close();
    await program.end();
  }
}
