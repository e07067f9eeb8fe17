import { dialectOfSize } from '../../protocol/layout.ts';
import type { Dialect } from '../../protocol/layout.ts';
import { findFrameBytes } from './find-dialect.ts';
import { HEADER_BYTES, isInStep } from './frame-check.ts';

/** What becomes of the bytes of a peer. */
export interface MessageSink {
  /** A whole frame begins at `offset`; `bytes` is good for this call only. */
  message(bytes: DataView, offset: number, frameBytes: number): void;
  /** Bytes that belong to no message begin here: once for each gap, however long it gets. */
  outOfStep(): void;
}

/** What a stream needs to go on elsewhere. */
export interface StreamState {
  /** 0: not known yet. */
  readonly frameBytes: number;
  readonly rest: Buffer;
}

const NOTHING = Buffer.alloc(0);

/**
 * The messages of one peer: finds out its dialect, puts frames together however they are cut, and finds the next message
 * behind bytes that are none. It holds less than one frame between calls.
 */
export class MessageStream {
  readonly #sink: MessageSink;
  #frameBytes = 0;
  #rest: Buffer = NOTHING;
  #lost = false;

  constructor(sink: MessageSink, state?: StreamState) {
    this.#sink = sink;
    if (state === undefined) return;
    this.#frameBytes = dialectOfSize(state.frameBytes) === undefined ? 0 : state.frameBytes;
    this.#rest = state.rest;
  }

  /** undefined while it is not known, or not any more. */
  get dialect(): Dialect | undefined {
    return dialectOfSize(this.#frameBytes);
  }

  /** Whether silence from now on would tell the dialect. */
  get waitsForSilence(): boolean {
    return this.#frameBytes === 0 && this.#rest.length >= HEADER_BYTES;
  }

  get state(): StreamState {
    return { frameBytes: this.#frameBytes, rest: this.#rest };
  }

  push(chunk: Buffer): void {
    this.#take(this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]), false);
  }

  /** Nothing has come for a while, or nothing will come any more. */
  settle(): void {
    if (this.waitsForSilence) this.#take(this.#rest, true);
  }

  #take(bytes: Buffer, silent: boolean): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const end = bytes.length;
    let offset = this.#frames(view, 0, end);
    while (this.#frameBytes === 0 && offset < end) {
      offset = this.#find(view, offset, end, silent);
      if (!this.#isFound()) break;
      offset = this.#frames(view, offset, end);
    }
    // A copy: the chunk's memory is larger, or used again.
    this.#rest = offset === end ? NOTHING : Buffer.from(bytes.subarray(offset));
  }

  /** Hands over whole frames. Gives where it stopped; the dialect is forgotten where the stream is out of step. */
  #frames(view: DataView, from: number, end: number): number {
    const size = this.#frameBytes;
    let offset = from;
    if (size === 0) return offset;
    for (; end - offset >= size; offset += size) {
      if (!isInStep(view, offset, size)) {
        this.#frameBytes = 0;
        return offset;
      }
      this.#sink.message(view, offset, size);
    }
    return offset;
  }

  /** Looks for the next message. Gives where it begins or may begin. */
  #find(view: DataView, from: number, end: number, silent: boolean): number {
    for (let offset = from; offset < end; offset++) {
      const found = findFrameBytes(view, offset, end, silent);
      if (found === 'more') return offset;
      if (found === 'none') {
        this.#lose();
        continue;
      }
      this.#frameBytes = found;
      this.#lost = false;
      return offset;
    }
    return end;
  }

  #isFound(): boolean {
    return this.#frameBytes !== 0;
  }

  #lose(): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#sink.outOfStep();
  }
}
