import type { BlockCoverage } from './block-coverage.ts';
import { minimise } from './minimise.ts';
import { below, mutate } from './mutate.ts';
import type { FuzzTarget } from './target.ts';
import { signature, trial } from './trial.ts';
import type { Watchdog } from './watchdog.ts';

export interface FuzzOptions {
  readonly seconds: number;
  readonly random: () => number;
  /** Inputs of earlier runs, beside the target's own seeds. */
  readonly corpus: readonly Buffer[];
  /** Running since before the target was loaded. */
  readonly coverage: BlockCoverage;
  /** `finding`: the first one ends it. */
  readonly until?: 'finding';
  readonly watchdog?: Watchdog;
  readonly log?: (line: string) => void;
}

export interface Finding {
  readonly error: Error;
  /** As small as it could be made. */
  readonly input: Buffer;
}

export interface FuzzResult {
  readonly executions: number;
  /** Blocks of the sources that were run. */
  readonly blocks: number;
  /** Inputs each of which reaches something that the others do not, the shortest ones first. */
  readonly corpus: readonly Buffer[];
  readonly findings: readonly Finding[];
}

/** So long inputs are run before it is asked what they have reached, which takes some milliseconds. */
const BATCH_MS = 20;
const MOST_IN_BATCH = 500;
const REPORT_MS = 60_000;

/** Tries inputs that are made of others, and keeps those that reach something new. */
export function fuzz(target: FuzzTarget, options: FuzzOptions): Promise<FuzzResult> {
  return new Fuzzer(target, options).run();
}

class Fuzzer {
  readonly #target: FuzzTarget;
  readonly #options: FuzzOptions;
  readonly #coverage: BlockCoverage;
  readonly #tokens: readonly Buffer[];
  readonly #seen = new Set<number>();
  readonly #corpus: { readonly input: Buffer; readonly features: ReadonlySet<number> }[] = [];
  readonly #findings = new Map<string, Finding>();
  #executions = 0;

  constructor(target: FuzzTarget, options: FuzzOptions) {
    this.#target = target;
    this.#options = options;
    this.#coverage = options.coverage;
    this.#tokens = [...target.tokens, '0', '"'].map((token) => Buffer.from(token, 'latin1'));
  }

  async run(): Promise<FuzzResult> {
    const { seconds, corpus, log } = this.#options;
    const until = performance.now() + seconds * 1000;
    let reportAt = performance.now() + REPORT_MS;
    for (const input of [...this.#target.seeds(), ...corpus]) await this.#tryAlone(input, true);
    while (performance.now() < until && !this.#isDone()) {
      await this.#batch();
      if (performance.now() < reportAt) continue;
      reportAt += REPORT_MS;
      log?.(
        `${this.#target.name}: ${this.#executions} inputs, ${this.#corpus.length} kept, ${this.#findings.size} findings`,
      );
    }
    return {
      executions: this.#executions,
      blocks: this.#coverage.countBlocks(this.#seen),
      corpus: this.#smallest(),
      findings: [...this.#findings.values()],
    };
  }

  #isDone(): boolean {
    return this.#options.until === 'finding' && this.#findings.size > 0;
  }

  async #batch(): Promise<void> {
    const inputs: Buffer[] = [];
    const until = performance.now() + BATCH_MS;
    while (inputs.length < MOST_IN_BATCH && performance.now() < until) {
      const input = this.#next();
      inputs.push(input);
      await this.#try(input);
    }
    const features = this.#coverage.take();
    if ([...features].every((feature) => this.#seen.has(feature))) return;
    // One of them has: each again, alone.
    for (const input of inputs) await this.#tryAlone(input, false);
    for (const feature of features) this.#seen.add(feature);
  }

  async #tryAlone(input: Buffer, keep: boolean): Promise<void> {
    this.#coverage.take();
    await this.#try(input);
    const features = this.#coverage.take();
    const isNew = [...features].some((feature) => !this.#seen.has(feature));
    for (const feature of features) this.#seen.add(feature);
    if (isNew || (keep && this.#corpus.length === 0)) this.#corpus.push({ input, features });
  }

  #next(): Buffer {
    const { random } = this.#options;
    // New ones more often than old ones.
    const at = Math.floor(this.#corpus.length * Math.sqrt(random()));
    const input = this.#corpus[at]?.input ?? Buffer.alloc(0);
    const other = (): Buffer => this.#corpus[below(random, this.#corpus.length)]?.input ?? input;
    return mutate(input, { random, tokens: this.#tokens, maxBytes: this.#target.maxBytes, other });
  }

  async #try(input: Buffer): Promise<void> {
    this.#executions++;
    this.#options.watchdog?.begin(input);
    const error = await trial(this.#target, input);
    this.#options.watchdog?.end();
    if (error === undefined || this.#findings.has(signature(error))) return;
    const name = signature(error);
    const small = await minimise(input, async (candidate) => {
      const again = await trial(this.#target, candidate);
      return again !== undefined && signature(again) === name;
    });
    this.#findings.set(name, { error, input: small });
    this.#options.log?.(`${this.#target.name}: ${name}`);
  }

  /** Short ones first, each only if it reaches what those before do not. */
  #smallest(): Buffer[] {
    const reached = new Set<number>();
    const sorted = [...this.#corpus].sort((a, b) => a.input.length - b.input.length);
    return sorted.flatMap(({ input, features }) => {
      const isNew = [...features].some((feature) => !reached.has(feature));
      for (const feature of features) reached.add(feature);
      return isNew ? [input] : [];
    });
  }
}
