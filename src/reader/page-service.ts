import { setImmediate } from 'node:timers/promises';
import type { Collector, ReloadResult } from '../collect/types.ts';
import type { PlacedBlock } from '../gzip/page-block.ts';
import { PageGzip } from '../gzip/page-gzip.ts';
import { errorText } from '../log/log.ts';
import type { Family } from '../metrics/family.ts';
import { drawSamples } from '../samples/draw-samples.ts';
import type { SampleTable } from '../samples/sample-table.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { PageMemory } from './page-memory.ts';
import type { OwnFamilies, PageAnswer, PageFormat, PageRequest, SamplesRequest } from './types.ts';

/** What a page is made of, beside the snapshot. */
export interface PageShape extends Pick<PageRequest, 'format' | 'gzip'> {
  readonly own: OwnFamilies;
}

/** A page, as good as its encoder says. */
interface DrawnPage {
  readonly body: Uint8Array;
  readonly copies: Int32Array;
  readonly blocks: readonly PlacedBlock[];
  readonly series: number;
}

/** The part of the metrics' encoder that is needed here. The body is only good until the next call. */
export interface PageSource {
  encode(
    snapshot: Snapshot,
    options: { readonly format: PageFormat; readonly ownFamilies: Uint8Array; readonly ownSeries: number },
  ): DrawnPage;
}

export interface PageServiceOptions {
  readonly collector: Collector;
  readonly encoder: PageSource;
  /** What is drawn as samples. */
  readonly families: readonly Family[];
  /** Names of the collectors that are enabled. */
  readonly collectors: readonly string[];
  /** Whether a read is blocked, which keeps the process from ending. */
  readonly stuck?: () => boolean;
  /** Told when the first page, or table of samples, is there. */
  readonly onFirstAnswer?: () => void;
}

/** The reading side's work: collects, draws, compresses. */
export class PageService {
  readonly #options: PageServiceOptions;
  readonly #compressor = new PageGzip();
  readonly #memory = new PageMemory();
  #hasAnswered = false;

  constructor(options: PageServiceOptions) {
    this.#options = options;
  }

  get collectors(): readonly string[] {
    return this.#options.collectors;
  }

  /** Whether a read is blocked: then the process can only be ended by SIGKILL. */
  stuck(): boolean {
    return this.#options.stuck?.() ?? false;
  }

  /** Rejects only where a snapshot cannot be drawn. */
  async page(request: PageRequest): Promise<PageAnswer> {
    const deadlineAt = performance.now() + Math.max(0, request.timeoutMs);
    const collected = this.#options.collector.collect({ collectors: request.collectors, deadlineAt });
    const [snapshot, own] = await Promise.all([collected, request.own()]);
    // Whoever else has something to do has waited for the join already.
    await setImmediate();
    const shape = { format: request.format, gzip: request.gzip, own };
    return this.#answer(this.#memory.keep(drawPage(this.#options.encoder, this.#compressor, snapshot, shape)));
  }

  async samples({ timeoutMs }: SamplesRequest): Promise<SampleTable> {
    const { collector, families } = this.#options;
    const deadlineAt = performance.now() + Math.max(0, timeoutMs);
    return this.#answer(drawSamples(await collector.collect({ collectors: undefined, deadlineAt }), families));
  }

  async reload(): Promise<ReloadResult> {
    try {
      return await this.#options.collector.reload();
    } catch (error) {
      return { ok: false, message: errorText(error) };
    }
  }

  close(): Promise<void> {
    return this.#options.collector.close();
  }

  #answer<T>(answer: T): T {
    if (!this.#hasAnswered) this.#options.onFirstAnswer?.();
    this.#hasAnswered = true;
    return answer;
  }
}

/** A snapshot as a page, compressed if that is asked for, in bytes that are good until the next page of either. */
export function drawPage(
  encoder: PageSource,
  compressor: PageGzip,
  snapshot: Snapshot,
  { format, gzip, own }: PageShape,
): PageAnswer {
  const options = { format, ownFamilies: own.bytes, ownSeries: own.samples };
  const { body, copies, blocks, series } = encoder.encode(snapshot, options);
  // In one go, not in libuv's pool: reads that a driver blocks may hold all of its threads.
  return { body: gzip ? compressor.compress(body, copies, blocks) : body, series };
}
