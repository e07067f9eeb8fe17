import type { Books, RemainingBuffer, RemainingSum } from '../books/types.ts';
import type { BoundedOutput } from './bounded-output.ts';

/** Lines between two looks at the clock. */
const LINES = 64;
const SLICE_MS = 1;
/** How long a dump waits for whoever reads it to go on. */
const PATIENCE_MS = 5000;
const LOOK_MS = 20;

/** Prints what is allocated, one dump at a time, in slices, and only as fast as it is read. */
export class Dumps {
  readonly #books: Books;
  readonly #output: BoundedOutput;
  #busy = false;

  constructor(books: Books, output: BoundedOutput) {
    this.#books = books;
    this.#output = output;
  }

  /** DUMP_REMAINING. False where another dump is under way. */
  remaining(): boolean {
    return this.#start(this.#remainingLines());
  }

  /** DUMP_KERNELS. */
  kernels(): boolean {
    return this.#start(this.#kernelLines());
  }

  #start(lines: IterableIterator<string>): boolean {
    if (this.#busy) return false;
    this.#busy = true;
    void this.#print(lines).finally(() => {
      this.#busy = false;
    });
    return true;
  }

  async #print(lines: IterableIterator<string>): Promise<void> {
    let until = performance.now() + SLICE_MS;
    let count = 0;
    for (const line of lines) {
      this.#output.write(line);
      if (++count % LINES !== 0 || (this.#output.hasRoom && performance.now() < until)) continue;
      if (!(await this.#room())) return;
      until = performance.now() + SLICE_MS;
    }
  }

  /** False where nobody has read for long. */
  async #room(): Promise<boolean> {
    await new Promise(setImmediate);
    const givenUpAt = performance.now() + PATIENCE_MS;
    while (!this.#output.hasRoom) {
      if (performance.now() > givenUpAt) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return true;
  }

  *#remainingLines(): IterableIterator<string> {
    yield '=== Remaining buffers ===\n';
    let [buffers, bytes] = [0, 0];
    for (const buffer of this.#books.remainingBuffers()) {
      buffers++;
      bytes += buffer.size;
      yield bufferLine(buffer);
    }
    for (const sum of this.#books.remainingSums('cb')) yield sumLine('circular buffers', sum);
    yield `=== ${buffers} buffers, ${bytes} bytes ===\n`;
  }

  *#kernelLines(): IterableIterator<string> {
    yield '=== Loaded kernels ===\n';
    for (const sum of this.#books.remainingSums('kernel')) yield sumLine('kernels', sum);
    yield '===\n';
  }
}

function bufferLine({
  deviceId,
  process,
  type,
  bufferId,
  size,
  references,
  allocatedSeconds,
}: RemainingBuffer): string {
  const since = new Date(allocatedSeconds * 1000).toISOString();
  return `device=${deviceId} pid=${process.pid} type=${type} id=${bufferId} bytes=${size} references=${references} since=${since}\n`;
}

function sumLine(what: string, { deviceId, process, bytes, buffers }: RemainingSum): string {
  return `device=${deviceId} pid=${process.pid} ${what}: count=${buffers} bytes=${bytes}\n`;
}
