import type { Exporter } from './exporters/exporter.ts';
import { cpuMilliseconds, readCalls, residentMiB } from './process-costs.ts';
import { measurePage, ScrapeClient } from './scrape.ts';
import { median } from './statistics.ts';

export interface RoundsPlan {
  /** How long each exporter is scraped before anything counts. */
  readonly warmUpMs: number;
  readonly rounds: number;
  readonly scrapesARound: number;
}

/** What one exporter's scrapes cost. */
export interface Measured {
  readonly name: string;
  /** Of every scrape. */
  readonly milliseconds: readonly number[];
  /** Median of each round. */
  readonly roundMs: readonly number[];
  /** A scrape of each round, all processes, with what they did while the others had their turn. */
  readonly roundCpuMs: readonly number[];
  /** All processes, at the end. */
  readonly residentMiB: number;
  readonly scrapes: number;
  /** read() calls of all processes. */
  readonly readsAScrape: number;
  readonly series: number;
  readonly pageBytes: number;
  readonly sentBytes: number;
}

/** Scrapes the exporters in turn, round by round. Rejects where an exporter does not read what it should. */
export async function measureRounds(exporters: readonly Exporter[], plan: RoundsPlan): Promise<Measured[]> {
  const measurements = exporters.map((exporter) => new Measurement(exporter));
  try {
    for (const measurement of measurements) await measurement.warmUp(plan.warmUpMs);
    for (let round = 0; round < plan.rounds; round++) {
      // Nobody always comes after the same one.
      const first = round % measurements.length;
      const order = [...measurements.slice(first), ...measurements.slice(0, first)];
      for (const measurement of order) await measurement.round(plan.scrapesARound);
    }
    return measurements.map((measurement) => measurement.result(plan.scrapesARound));
  } finally {
    for (const measurement of measurements) measurement.close();
  }
}

class Measurement {
  readonly #exporter: Exporter;
  readonly #client: ScrapeClient;
  readonly #milliseconds: number[][] = [];
  /** At the start of each round: what is done between two rounds counts too. */
  readonly #cpu: number[] = [];
  #readsBefore = 0;
  #scrapes = 0;
  #lastPage: Buffer = Buffer.alloc(0);

  constructor(exporter: Exporter) {
    this.#exporter = exporter;
    this.#client = new ScrapeClient(exporter.url);
  }

  async warmUp(milliseconds: number): Promise<void> {
    const until = performance.now() + milliseconds;
    do await this.#scrape();
    while (performance.now() < until);
    this.#readsBefore = readCalls(this.#exporter.pids());
  }

  async round(scrapes: number): Promise<void> {
    this.#cpu.push(cpuMilliseconds(this.#exporter.pids()));
    const times: number[] = [];
    for (let count = 0; count < scrapes; count++) times.push(await this.#scrape());
    this.#milliseconds.push(times);
  }

  result(scrapesARound: number): Measured {
    const { name, leastReads, leastSeries } = this.#exporter;
    const pids = this.#exporter.pids();
    const cpu = [...this.#cpu, cpuMilliseconds(pids)];
    const milliseconds = this.#milliseconds.flat();
    const readsAScrape = (readCalls(pids) - this.#readsBefore) / milliseconds.length;
    if (readsAScrape < leastReads) {
      throw new Error(`${name} reads ${readsAScrape.toFixed(0)} times a scrape, where at least ${leastReads} are due`);
    }
    const { bytes, series } = measurePage(this.#lastPage, leastSeries);
    return {
      name,
      milliseconds,
      roundMs: this.#milliseconds.map(median),
      roundCpuMs: cpu.slice(1).map((after, round) => (after - (cpu[round] ?? NaN)) / scrapesARound),
      residentMiB: residentMiB(pids),
      scrapes: this.#scrapes,
      readsAScrape,
      series,
      pageBytes: bytes,
      sentBytes: this.#lastPage.length,
    };
  }

  close(): void {
    this.#client.close();
  }

  async #scrape(): Promise<number> {
    await this.#exporter.prepare?.();
    const { ms, compressed } = await this.#client.scrape();
    this.#lastPage = compressed;
    this.#scrapes++;
    return ms;
  }
}
