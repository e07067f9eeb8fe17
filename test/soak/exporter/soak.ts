/** The real program on a host in turmoil, scraped all the time, each page compared with the books. */
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { buildNative } from '../../allocation-server/support/built.ts';
import { checkMetrics, readOpenMetrics } from '../../support/promtool.ts';
import { startExporter } from '../../support/start-exporter.ts';
import type { RunningExporter } from '../../support/start-exporter.ts';
import { processTree, isRunning } from '../../bench/process-costs.ts';
import { beHostile } from './hostile-client.ts';
import { judgePage } from './judge.ts';
import { Ledger } from './ledger.ts';
import { plainValue } from './page-numbers.ts';
import { measureResources } from './resources.ts';
import { RefusedError, Scraper } from './scraper.ts';
import type { ScrapedPage } from './scraper.ts';
import { Tally } from './tally.ts';
import type { SoakResult } from './tally.ts';
import { Turmoil } from './turmoil.ts';
import type { TurmoilPlan } from './turmoil.ts';

export interface SoakPlan extends TurmoilPlan {
  readonly seconds: number;
  /** Scrapes a second. */
  readonly rate: number;
  /** Every so many pages are given to promtool too. */
  readonly promtoolEach: number;
  /** From one visit of a hostile client to the next. */
  readonly hostileMs: number;
  /** From one end of the reader to the next, in the first part of the run. */
  readonly killReaderMs: number;
  /** From one report to the next. */
  readonly reportMs: number;
  readonly log: (line: string) => void;
  /** Given pages on which something was wrong. */
  readonly keep?: (name: string, page: Uint8Array) => void;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

/** More at the same time are not begun: on a machine that is too busy the rate is not held, which is told. */
const MOST_UNDER_WAY = 20;
const SAMPLE_MS = 1000;
const FORGET_MS = 60_000;
/** Share of a run in which the reader is killed. */
const KILLED_IN = 0.2;

/** Rejects only where the simulator or the exporter cannot be started. */
export async function soak(plan: SoakPlan): Promise<SoakResult> {
  // Without it the allocation server cannot tell who reports.
  buildNative();
  const ledger = new Ledger();
  const turmoil = await Turmoil.create(ledger, plan);
  const tally = new Tally(plan.log);
  let exporter: RunningExporter | undefined;
  try {
    exporter = await startExporter(turmoil.host.flags(), { env: turmoil.host.faultsEnvironment() });
    await new Soak(plan, ledger, turmoil, tally, exporter).run();
    await endOf(exporter, turmoil, tally);
  } finally {
    await exporter?.stop();
    await turmoil.close();
  }
  if (existsSync(turmoil.host.root)) tally.wrong(`${turmoil.host.root} is left`);
  return tally.result(turmoil.happened);
}

/** SIGTERM: the exporter ends well, and with it all that it has started. */
async function endOf(exporter: RunningExporter, turmoil: Turmoil, tally: Tally): Promise<void> {
  const pids = processTree(exporter.process.pid ?? 0);
  await turmoil.stop();
  const code = await exporter.stop();
  if (code !== 0) tally.wrong(`the exporter ended with ${code ?? 'a signal'}:\n${exporter.stderr().slice(-2000)}`);
  await pause(500);
  const left = pids.filter(isRunning);
  if (left.length > 0) tally.wrong(`processes are left: ${left.join(', ')}`);
}

class Soak {
  readonly #plan: SoakPlan;
  readonly #ledger: Ledger;
  readonly #turmoil: Turmoil;
  readonly #tally: Tally;
  readonly #exporter: RunningExporter;
  readonly #scraper: Scraper;
  readonly #start = performance.now();
  readonly #pending = new Set<Promise<void>>();
  #newest: ScrapedPage | undefined;

  constructor(plan: SoakPlan, ledger: Ledger, turmoil: Turmoil, tally: Tally, exporter: RunningExporter) {
    this.#plan = plan;
    this.#ledger = ledger;
    this.#turmoil = turmoil;
    this.#tally = tally;
    this.#exporter = exporter;
    this.#scraper = new Scraper(exporter.url);
  }

  async run(): Promise<void> {
    const { hostileMs, killReaderMs, reportMs, seconds, rate } = this.#plan;
    this.#turmoil.start((error) => {
      this.#tally.wrong(`the simulated host stands still: ${String(error)}`);
    });
    const timers = [
      this.#every(SAMPLE_MS, () => {
        this.#sample();
      }),
      this.#every(hostileMs, () => {
        this.#track(this.#beHostile());
      }),
      this.#every(killReaderMs, () => {
        this.#killReader();
      }),
      this.#every(reportMs, () => {
        this.#plan.log(this.#tally.line());
      }),
    ];
    const until = this.#start + seconds * 1000;
    for (let due = this.#start; due < until && !this.#isToEnd; due += 1000 / rate) {
      await pause(Math.max(0, due - performance.now()));
      if (this.#scraper.waiting < MOST_UNDER_WAY) this.#track(this.#scrape());
      else this.#tally.skipped++;
    }
    for (const timer of timers) clearInterval(timer);
    await Promise.all(this.#pending);
    this.#scraper.close();
    this.#sample();
  }

  get #isToEnd(): boolean {
    return this.#tally.hopeless || this.#plan.signal?.aborted === true;
  }

  async #scrape(): Promise<void> {
    let page: ScrapedPage;
    try {
      page = await this.#scraper.scrape();
    } catch (error) {
      if (error instanceof RefusedError) this.#tally.skipped++;
      else this.#tally.failed(error instanceof Error ? error.message : String(error));
      return;
    }
    this.#newest = page;
    const verdict = judgePage(page.families, this.#ledger, page.from, page.to);
    this.#tally.judged(page, verdict);
    if (verdict.wrong.length > 0) this.#tellMore(page);
    if (this.#tally.pages % this.#plan.promtoolEach === 1) this.#track(this.#promtool(page));
  }

  #tellMore({ bytes }: ScrapedPage): void {
    this.#plan.log(`events: ${this.#turmoil.recent.join(', ')}\nits log:\n${this.#exporter.stderr().slice(-2000)}`);
    this.#plan.keep?.(`page-${this.#tally.pages}`, bytes);
  }

  async #promtool({ bytes, format }: ScrapedPage): Promise<void> {
    const { exitCode, output } = format === 'text' ? await checkMetrics(bytes) : await readOpenMetrics(bytes);
    // 3: it is valid, and promtool does not like a name of Node's own metrics.
    this.#tally.checked(exitCode === 0 || exitCode === 3 ? undefined : output);
  }

  async #beHostile(): Promise<void> {
    await beHostile(this.#exporter.url, 3, () => {
      this.#scraper.sawAnother();
    });
    this.#tally.hostileVisits++;
  }

  /**
   * As the kernel does where memory is short: another one is started. Only in the first part of a run, for the memory of a
   * reader that lives long is measured too.
   */
  #killReader(): void {
    if (performance.now() - this.#start > this.#plan.seconds * 1000 * KILLED_IN) return;
    const [, reader] = processTree(this.#exporter.process.pid ?? 0);
    if (reader === undefined) return;
    process.kill(reader, 'SIGKILL');
    this.#tally.readersKilled++;
  }

  #sample(): void {
    const now = performance.now();
    const resources = measureResources(this.#exporter.process.pid ?? 0, (now - this.#start) / 1000);
    this.#tally.sampled(resources, plainValue(this.#newest?.families ?? [], 'nodejs_heap_size_used_bytes'));
    this.#ledger.forget(now - FORGET_MS);
  }

  #track(task: Promise<void>): void {
    this.#pending.add(task);
    void task.finally(() => this.#pending.delete(task));
  }

  #every(ms: number, task: () => void): NodeJS.Timeout {
    return setInterval(task, ms);
  }
}
