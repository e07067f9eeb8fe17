import { AllocationBooks } from '../../../src/allocation-server/books/allocation-books.ts';
import { encodeReport } from '../../../src/protocol/encode-report.ts';

/** Processes and devices among which the buffers are spread, as on a Galaxy. */
const PROCESSES = 64;
const DEVICES = 32;
const SIZE = 4096;
const FRAME = 144;

/** Books with so many live buffers, and the same work for any number of them. */
export class BooksLoad {
  readonly books = new AllocationBooks();
  readonly #live: number;
  readonly #processes: number[];
  readonly #frames: DataView;

  constructor(live: number) {
    this.#live = live;
    this.books.setTime(Date.now() / 1000);
    this.#processes = Array.from({ length: PROCESSES }, (_, pid) => {
      const process = this.books.open(`${pid}`, { pid, partial: false });
      if (process === undefined) throw new Error(`process ${pid} was refused`);
      return process;
    });
    const of = { deviceId: 0, processId: 0, bufferId: 0n };
    const timestamp = BigInt(Date.now()) * 1_000_000n;
    const frames = Buffer.concat([
      encodeReport('C', { kind: 'free', ...of }),
      encodeReport('C', { kind: 'alloc', ...of, size: SIZE, bufferType: 0, timestamp }),
    ]);
    this.#frames = new DataView(new Uint8Array(frames).buffer);
  }

  fill(): void {
    for (let buffer = 0; buffer < this.#live; buffer++) this.#apply(FRAME, buffer);
  }

  empty(): void {
    for (let buffer = 0; buffer < this.#live; buffer++) this.#apply(0, buffer);
    while (this.books.tidy());
  }

  /** Frees and allocates buffers from anywhere; `messages` in all. */
  churn(messages: number): void {
    for (let pair = 0; pair < messages / 2; pair++) {
      const buffer = Math.floor(Math.random() * this.#live);
      this.#apply(0, buffer);
      this.#apply(FRAME, buffer);
    }
  }

  #apply(offset: number, buffer: number): void {
    this.#frames.setInt32(offset + 4, buffer % DEVICES, true);
    this.#frames.setUint32(offset + 24, (buffer * SIZE) >>> 0, true);
    const process = this.#processes[Math.floor(buffer / DEVICES) % PROCESSES] ?? -1;
    const outcome = this.books.apply(process, this.#frames, offset);
    if (outcome !== 0) throw new Error(`message refused: ${outcome}`);
  }
}
