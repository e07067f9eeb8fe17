import { closeSync, openSync, readSync } from 'node:fs';
import type { FileRequest, FileResult, Lane, LaneReader, LaneRun } from '../../src/io/lanes.ts';

/**
 * A LaneReader for tests: reads at once, on this thread, keeps nothing, and gives the error codes and blocked lanes that
 * a test asks for.
 */
export class FakeLaneReader implements LaneReader {
  /** The lanes of the last run. */
  lastLanes: readonly Lane[] = [];
  /** Called when a run starts, before anything is read: for what happens between listing and reading. */
  beforeReading: () => void = () => undefined;
  /** Called when everything is read, before anybody looks at the results. */
  afterReading: () => void = () => undefined;
  closed = false;
  readonly #faults: { readonly match: RegExp; readonly code: string }[] = [];
  readonly #blocked = new Set<string>();
  readonly #held = new Set<string>();

  /** Files whose path matches give this code. */
  fail(match: RegExp, code: string): void {
    this.#faults.push({ match, code });
  }

  heal(): void {
    this.#faults.length = 0;
  }

  /** From the next run on the lane is not read; a run that has it is done when its signal is aborted. */
  block(key: string): void {
    this.#blocked.add(key);
  }

  /** From the next run on the lane is not read either, but is not said to be blocked. */
  hold(key: string): void {
    this.#held.add(key);
  }

  unblock(key: string): void {
    this.#blocked.delete(key);
  }

  read(lanes: readonly Lane[], signal: AbortSignal): LaneRun {
    this.lastLanes = lanes;
    this.beforeReading();
    const blocked = lanes.map(({ key }) => key).filter((key) => this.#blocked.has(key));
    const results = new Map(
      lanes
        .filter(({ key }) => !this.#blocked.has(key) && !this.#held.has(key))
        .map((lane) => [lane.key, lane.files.map((file) => this.#readFile(file))] as const),
    );
    this.afterReading();
    const done = results.size === lanes.length ? Promise.resolve() : aborted(signal);
    return { done, results: () => results, blocked: () => blocked };
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  #readFile({ path, maxBytes }: FileRequest): FileResult {
    const fault = this.#faults.find(({ match }) => match.test(path));
    if (fault !== undefined) return { ok: false, code: fault.code };
    try {
      return readSmallFile(path, maxBytes);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
      return { ok: false, code };
    }
  }
}

function readSmallFile(path: string, maxBytes: number): FileResult {
  const descriptor = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(maxBytes + 1);
    const length = readSync(descriptor, bytes, 0, maxBytes + 1, 0);
    const text = bytes.toString('latin1', 0, Math.min(length, maxBytes));
    return { ok: true, text, truncated: length > maxBytes };
  } finally {
    closeSync(descriptor);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
}
