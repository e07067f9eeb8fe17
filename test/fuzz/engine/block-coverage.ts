import { Session } from 'node:inspector';
import type { Profiler } from 'node:inspector';

/** How often a block was run counts by its order of magnitude: once, a few times, many times. */
const MAGNITUDES = 4;

type Range = Profiler.CoverageRange;

/** A block of a function, with the numbers of its features by magnitude. */
interface Block {
  readonly start: number;
  readonly end: number;
  readonly features: (number | undefined)[];
}

/**
 * Which blocks of this project's sources have been run, as V8 counts them (inspector: Profiler.takePreciseCoverage). Only
 * what is loaded after the start is counted block by block.
 */
export class BlockCoverage {
  readonly #session = new Session();
  readonly #root: string;
  /** By function: the blocks that V8 has told of so far. */
  readonly #blocks = new Map<string, Block[]>();
  readonly #blockOf: Block[] = [];

  /** `root`: what the URLs of the files that count begin with. */
  constructor(root: string) {
    this.#root = root;
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** What was run since the last call: numbers of blocks, each with its magnitude. */
  take(): Set<number> {
    const features = new Set<number>();
    this.#session.post('Profiler.takePreciseCoverage', (error, coverage) => {
      if (error !== null) throw error;
      for (const { url, functions } of coverage.result) {
        if (!url.startsWith(this.#root)) continue;
        for (const { ranges } of functions) this.#note(url, ranges, features);
      }
    });
    return features;
  }

  /** Of how many blocks these features are. */
  countBlocks(features: ReadonlySet<number>): number {
    return new Set([...features].map((feature) => this.#blockOf[feature])).size;
  }

  /** Blocks that are known, run or not. */
  get known(): number {
    return [...this.#blocks.values()].reduce((sum, blocks) => sum + blocks.length, 0);
  }

  close(): void {
    this.#session.disconnect();
  }

  /** A block is only told where it was run another number of times than the one around it. */
  #note(url: string, ranges: readonly Range[], features: Set<number>): void {
    const [whole] = ranges;
    if (whole === undefined) return;
    const key = `${url}:${whole.startOffset}:${whole.endOffset}`;
    const blocks = this.#blocks.get(key) ?? [];
    this.#blocks.set(key, blocks);
    for (const { startOffset: start, endOffset: end } of ranges) {
      if (!blocks.some((block) => block.start === start && block.end === end))
        blocks.push({ start, end, features: [] });
    }
    for (const block of blocks) {
      const count = countOf(block, ranges);
      if (count > 0) features.add(this.#featureOf(block, count));
    }
  }

  #featureOf(block: Block, count: number): number {
    const magnitude = Math.min(MAGNITUDES, Math.floor(Math.log2(count) / 2));
    const known = block.features[magnitude];
    if (known !== undefined) return known;
    const feature = this.#blockOf.push(block) - 1;
    block.features[magnitude] = feature;
    return feature;
  }
}

/** That of the innermost range around it: they come from the outside to the inside. */
function countOf({ start, end }: Block, ranges: readonly Range[]): number {
  let count = 0;
  for (const range of ranges) if (range.startOffset <= start && range.endOffset >= end) count = range.count;
  return count;
}
