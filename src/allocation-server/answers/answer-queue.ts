import type { Socket } from 'node:net';

/** What is handed to the socket at once; the rest can still be dropped. */
const PIECE_BYTES = 65_536;
/** A peer that has taken nothing for this long does not read. */
const PATIENCE_MS = 30_000;

/**
 * The answers on their way to one peer, in order. A peer that does not read is not sent any more after a while: what
 * waits is dropped, and its connection stays open, so that its own sends go on to work.
 */
export class AnswerQueue {
  readonly #socket: Socket;
  readonly #onIdle: () => void;
  #queue: Buffer[] = [];
  #bytes = 0;
  #writing = false;
  #given = false;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;

  /** `onIdle`: everything has been handed over, or given up. */
  constructor(socket: Socket, onIdle: () => void) {
    this.#socket = socket;
    this.#onIdle = onIdle;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  get idle(): boolean {
    return !this.#writing;
  }

  /** The peer does not read: nothing is sent to it any more. */
  get givenUp(): boolean {
    return this.#given;
  }

  push(...answers: Buffer[]): void {
    if (this.#given || this.#ended) return;
    for (const answer of answers) {
      this.#queue.push(answer);
      this.#bytes += answer.length;
    }
    if (!this.#writing) this.#write();
  }

  /** Nothing more is pushed: the sending side is shut when all is sent. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.#writing) this.#socket.end();
  }

  giveUp(): void {
    if (this.#given) return;
    this.#given = true;
    this.#queue = [];
    this.#bytes = 0;
    clearTimeout(this.#timer);
    this.#socket.end();
    this.#onIdle();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #write(): void {
    const piece = this.#take();
    if (piece === undefined) {
      if (this.#ended) this.#socket.end();
      this.#onIdle();
      return;
    }
    this.#writing = true;
    this.#socket.write(piece, () => {
      clearTimeout(this.#timer);
      this.#writing = false;
      if (!this.#given) this.#write();
    });
    // The rest of it waits in the socket.
    if (this.#socket.writableLength > 0) {
      this.#timer = setTimeout(() => {
        this.giveUp();
      }, PATIENCE_MS).unref();
    }
  }

  /** The next bytes for the socket; undefined where there are none. */
  #take(): Buffer | undefined {
    const [first] = this.#queue;
    if (first === undefined) return undefined;
    let count = 1;
    let bytes = first.length;
    for (
      let next = this.#queue[count];
      next !== undefined && bytes + next.length <= PIECE_BYTES;
      next = this.#queue[count]
    ) {
      bytes += next.length;
      count++;
    }
    const taken = this.#queue.splice(0, count);
    if (bytes > PIECE_BYTES) {
      this.#queue.unshift(first.subarray(PIECE_BYTES));
      taken[0] = first.subarray(0, PIECE_BYTES);
      bytes = PIECE_BYTES;
    }
    this.#bytes -= bytes;
    return taken.length === 1 ? taken[0] : Buffer.concat(taken, bytes);
  }
}
