import { textLength, toFileResult } from './file-outcome.ts';
import type { ResultMemory } from './lane-job.ts';
import type { FileResult, Lane } from './lanes.ts';

/** The results of one lane, and what they were made of. */
interface Decoded {
  readonly outcomes: Int32Array;
  results: readonly FileResult[];
}

/**
 * Makes results of what was read of a list of lanes, run after run: of a file or lane that reads as it did before they are
 * the very same objects, which costs a tenth, and tells whoever decodes them further that nothing has changed.
 */
export class ResultDecoder {
  readonly #lanes: readonly Lane[];
  readonly #last: (Decoded | undefined)[];

  constructor(lanes: readonly Lane[]) {
    this.#lanes = lanes;
    this.#last = lanes.map(() => undefined);
  }

  /** Of the lane with this number, whose files and text begin at `file` and `at`. */
  decode(index: number, memory: ResultMemory, file: number, at: number): readonly FileResult[] {
    const files = this.#lanes[index]?.files ?? [];
    const last = this.#last[index] ?? { outcomes: new Int32Array(files.length), results: [] };
    let changed: FileResult[] | undefined;
    let start = at;
    for (let i = 0; i < files.length; i++) {
      const maxBytes = files[i]?.maxBytes ?? 0;
      const outcome = memory.outcomes[file + i] ?? 0;
      const known = last.outcomes[i] === outcome ? last.results[i] : undefined;
      const result =
        known !== undefined && readsAs(known, memory.bytes, start)
          ? known
          : toFileResult(outcome, maxBytes, memory.bytes, start);
      if (result !== known) changed ??= last.results.slice(0, i);
      changed?.push(result);
      last.outcomes[i] = outcome;
      start += textLength(outcome, maxBytes);
    }
    if (changed !== undefined) last.results = changed;
    this.#last[index] = last;
    return last.results;
  }
}

/** Whether the bytes, of which there are as many, are a result's text. */
function readsAs(result: FileResult, bytes: Buffer, at: number): boolean {
  if (!result.ok) return true;
  const { text } = result;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[at + i]) return false;
  return true;
}
