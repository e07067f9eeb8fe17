import { bytesAskedFor, textLength } from './file-outcome.ts';
import { KeptFiles } from './kept-files.ts';

/** Small files of the kernel's own, read one by one through descriptors that stay open: nothing of them may block. */
export class KeptTexts {
  readonly #kept: KeptFiles;
  readonly #maxBytes: number;
  readonly #buffer: Buffer;
  readonly #paths = new Set<string>();

  /** `limit`: descriptors that are kept at most. */
  constructor(limit: number, maxBytes: number) {
    this.#kept = new KeptFiles(limit);
    this.#maxBytes = maxBytes;
    this.#buffer = Buffer.allocUnsafe(bytesAskedFor(maxBytes));
  }

  /** The first `maxBytes`, in memory that the next call uses again; undefined where the file cannot be read. */
  read(path: string): Buffer | undefined {
    if (!this.#paths.has(path)) {
      this.#paths.add(path);
      this.#kept.define({ key: path, generation: '', files: [{ path, maxBytes: this.#maxBytes }] });
    }
    const [file] = this.#kept.files(path);
    const outcome = file === undefined ? -1 : this.#kept.read(file, this.#buffer, 0);
    return outcome < 0 ? undefined : this.#buffer.subarray(0, textLength(outcome, this.#maxBytes));
  }

  forget(path: string): void {
    if (this.#paths.delete(path)) this.#kept.forget(path);
  }

  close(): void {
    this.#kept.close();
    this.#paths.clear();
  }
}
