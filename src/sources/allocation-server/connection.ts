import type { Socket } from 'node:net';
import { FRAME_BYTES } from '../../protocol/layout.ts';
import type { ConnectedSocket } from './connect.ts';
import { PeerError } from './peer-error.ts';
import { PendingBytes } from './pending-bytes.ts';

/**
 * How long the peer's end is waited for when every answer has come and the sending side is shut: a stock server ends
 * at once, and what comes until then shows that the answers were longer than believed.
 */
const END_GRACE_MILLISECONDS = 250;

/** What was said on one connection, while somebody waited for it. */
export interface Talk {
  readonly sent: Buffer[];
  readonly received: Buffer[];
}

/**
 * One connection to a server, which dies (by SIGPIPE) if it is closed while an answer is still to come. So it is
 * closed only when all of them have come or the peer has ended; until then it can be parked: nothing more is sent,
 * and what comes is thrown away.
 */
export class ServerConnection {
  readonly #socket: Socket;
  readonly #signal: AbortSignal;
  readonly #talk: Talk | undefined;
  #sent = 0;
  #owed = 0;
  #received = 0;
  readonly #pending = new PendingBytes();
  #ended = false;
  #finished = false;
  #parked = false;
  /** What came is not what was asked for, so that nobody knows what is still to come. */
  #misfit = false;
  #grace: NodeJS.Timeout | undefined;
  #notify: (() => void) | undefined;
  /** Resolves when the descriptor is closed. */
  readonly over: Promise<void>;

  /** `signal`: aborted when nobody waits for answers any more. */
  constructor({ socket, onBytes }: ConnectedSocket, signal: AbortSignal, talk?: Talk) {
    this.#socket = socket;
    this.#signal = signal;
    this.#talk = talk;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.over = promise;
    onBytes((chunk) => {
      this.#take(chunk);
    });
    // An error (EPIPE, ECONNRESET) says that the peer has closed, and is followed by `close`.
    socket.on('error', () => undefined);
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      this.#ended = true;
      clearTimeout(this.#grace);
      resolve(undefined);
      this.#notify?.();
    });
    signal.addEventListener('abort', () => this.#notify?.(), { once: true });
  }

  get isOver(): boolean {
    return this.#ended;
  }

  /** Writes whole frames, for which `owed` bytes are to come. */
  send(frames: Buffer, owed: number): void {
    this.#sent += frames.length;
    this.#owed += owed;
    this.#talk?.sent.push(frames);
    this.#socket.write(frames);
  }

  /** All that is to come on this connection, in bytes, now that it is known better. */
  correctOwed(owed: number): void {
    this.#owed = owed;
    if (this.#received > owed) this.#misfit = true;
  }

  /** Nothing more will be sent. The peer sees the end once it has read everything; closing this half is safe. */
  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#socket.end();
  }

  /** The next bytes that are owed. Throws PeerError when they do not come. */
  async read(bytes: number): Promise<Buffer> {
    // Filled as the bytes come: a queue of one-byte pieces would take a hundred times the memory.
    const target = Buffer.allocUnsafeSlow(bytes);
    let filled = 0;
    for (;;) {
      filled += this.#pending.take(bytes - filled).copy(target, filled);
      if (this.#misfit) throw this.#extraBytes();
      if (filled === bytes) return target;
      if (this.#ended) throw this.#endedEarly(filled);
      if (this.#signal.aborted) throw this.#late(filled);
      await this.#change();
    }
  }

  /**
   * What has come of the `left` bytes that are still owed of an answer of `whole`: at least one. It is good until the
   * caller waits for anything. Throws PeerError when none come.
   */
  async readPart(left: number, whole: number): Promise<Buffer> {
    for (;;) {
      if (this.#misfit) throw this.#extraBytes();
      if (this.#pending.length > 0) return this.#pending.take(left);
      if (this.#ended) throw this.#endedEarly(whole - left);
      if (this.#signal.aborted) throw this.#late(whole - left);
      await this.#change();
    }
  }

  /** Waits for the peer's end, or for `milliseconds`. Throws PeerError when anything came instead. */
  async readEnd(milliseconds = END_GRACE_MILLISECONDS): Promise<'ended' | 'open'> {
    const wait = { over: false };
    const timer = setTimeout(() => {
      wait.over = true;
      this.#notify?.();
    }, milliseconds);
    try {
      while (!this.#ended && !this.#misfit && !wait.over && !this.#signal.aborted) await this.#change();
    } finally {
      clearTimeout(timer);
    }
    if (this.#misfit) throw this.#extraBytes();
    return this.#ended ? 'ended' : 'open';
  }

  /** Reads everything to the peer's end, at most `most` bytes. Throws PeerError when there is more, or no end in time. */
  async readAll(most: number): Promise<Buffer> {
    while (!this.#ended && this.#received <= most && !this.#signal.aborted) await this.#change();
    if (this.#received > most) throw this.#extraBytes();
    if (!this.#ended) {
      throw this.#received === 0
        ? this.#late(0)
        : new PeerError('no_end', 'the server answered the probe, but did not close');
    }
    return this.#pending.take(most);
  }

  /**
   * Nobody reads any more. Closes what can be closed without harm and parks the rest. `misfit`: the answers were not
   * what was asked for, so only the peer's end tells that all of them have come.
   */
  release(misfit: boolean): 'closed' | 'parked' {
    if (this.#ended) return 'closed';
    this.#misfit ||= misfit;
    this.#parked = true;
    this.#pending.clear();
    if (this.#sent === 0 || (!this.#misfit && this.#received === this.#owed)) {
      this.#socket.destroy();
      return 'closed';
    }
    this.finish();
    this.#discard();
    return this.#socket.destroyed ? 'closed' : 'parked';
  }

  #take(chunk: Uint8Array): void {
    this.#received += chunk.length;
    if (this.#received > this.#owed) this.#misfit = true;
    if (this.#parked) this.#discard();
    else if (this.#received <= this.#limit()) {
      this.#talk?.received.push(Buffer.from(chunk));
      this.#pending.append(chunk);
    }
    this.#notify?.();
  }

  #discard(): void {
    if (this.#received > this.#limit()) this.#socket.destroy();
    else if (!this.#misfit && this.#received === this.#owed) {
      this.#grace ??= setTimeout(() => this.#socket.destroy(), END_GRACE_MILLISECONDS);
    }
  }

  /**
   * More than any stock server can send for what it was sent: one answer of the largest size for each byte, as it
   * takes whatever recv() gives it for a message. A peer that sends more is no such server, and may be closed on.
   */
  #limit(): number {
    return Math.max(this.#owed, this.#sent * FRAME_BYTES.C);
  }

  #change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#notify = () => {
      this.#notify = undefined;
      resolve(undefined);
    };
    return promise;
  }

  #extraBytes(): PeerError {
    return new PeerError('extra_bytes', `the server sent ${this.#received} bytes where ${this.#owed} were asked for`);
  }

  #endedEarly(filled: number): PeerError {
    if (filled > 0) return new PeerError('incomplete_answer', 'the server closed in the middle of an answer');
    return new PeerError('closed_early', `the server closed after ${this.#received} of ${this.#owed} bytes of answers`);
  }

  #late(filled: number): PeerError {
    if (this.#received === 0) return new PeerError('no_answer', 'the server did not answer in time: is it stuck?');
    if (filled > 0)
      return new PeerError('incomplete_answer', 'the server sent a part of an answer, and no more in time');
    return new PeerError('late_answer', `${this.#received} of ${this.#owed} bytes of answers came in time`);
  }
}
