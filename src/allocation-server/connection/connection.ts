import type { Socket } from 'node:net';
import type { Books } from '../books/types.ts';
import type { Peer } from '../identity/peer.ts';
import type { LifeWatch } from '../identity/life-watch.ts';
import type { Reporters } from '../identity/reporters.ts';
import { isFromClient } from '../stream/frame-check.ts';
import { MessageStream } from '../stream/message-stream.ts';
import type { MessageSink, StreamState } from '../stream/message-stream.ts';
import { stopReading } from '../sockets/socket-fd.ts';
import { Claims } from './claims.ts';
import { PeerRequests } from './peer-requests.ts';
import type { AskerOptions } from './peer-requests.ts';
import { ReportIntake } from './report-intake.ts';
import { isReport, readRequest } from './requests.ts';
import type { WaitingRoom } from './waiting-reports.ts';

/** A frame that was sent in one piece arrives in one piece: who is silent for so long has sent a whole one. */
const SILENCE_MS = 20;

export interface ConnectionOptions extends AskerOptions {
  readonly books: Books;
  readonly reporters: Reporters;
  readonly watch: LifeWatch;
  /** One for all connections. */
  readonly room: WaitingRoom;
  readonly onReport: ((frame: DataView, offset: number, reason: string | undefined) => void) | undefined;
}

/** What a connection was before a restart of this server. */
export interface RestoredConnection {
  readonly stream: StreamState | undefined;
}

/**
 * One peer. It is read as fast as it sends, whatever it sends, and never closed before it closes; only a peer that has asked
 * and never reported is made to wait, for its own answers.
 */
export class Connection implements MessageSink {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #stream: MessageStream;
  readonly #intake: ReportIntake;
  readonly #requests: PeerRequests;
  readonly #claims: Claims;
  #silence: NodeJS.Timeout | undefined;
  #reports = false;
  #asks = false;
  /** When it last sent anything, `performance.now()`. */
  #activeAt = performance.now();
  readonly over: Promise<void>;

  constructor(socket: Socket, peer: Peer, options: ConnectionOptions, restored?: RestoredConnection) {
    const { books, reporters, room, onReport } = options;
    this.#socket = socket;
    this.#options = options;
    this.#stream = new MessageStream(this, restored?.stream);
    this.#claims = new Claims(reporters, peer, restored !== undefined);
    this.#intake = new ReportIntake({ books, reporters, claims: this.#claims, room, onReport });
    this.#requests = new PeerRequests(socket, options, () => {
      if (!this.#reports) socket.resume();
    });
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.over = promise;
    socket
      .on('data', (chunk: Buffer) => {
        this.#receive(chunk);
      })
      .on('end', () => {
        this.#stream.settle();
        this.#requests.end();
      })
      .on('error', () => undefined)
      .on('close', () => {
        this.#closed();
        resolve(undefined);
      });
  }

  /** Whether it can be closed without harm to an application: it has asked, and has never reported. */
  get isMonitor(): boolean {
    return this.#asks && !this.#reports;
  }

  get activeAt(): number {
    return this.#activeAt;
  }

  /** Whether every answer has gone out, or been given up. */
  get isServed(): boolean {
    return this.#requests.served;
  }

  /** Leaves what comes from now on to the next server. */
  freeze(): void {
    clearTimeout(this.#silence);
    stopReading(this.#socket);
  }

  /** What another process needs to go on with this connection. */
  get streamState(): StreamState {
    return this.#stream.state;
  }

  /** Closes it from this side. */
  destroy(): void {
    this.#socket.destroy();
  }

  message(frame: DataView, offset: number, frameBytes: number): void {
    const type = frame.getUint8(offset);
    if (isReport(type)) {
      this.#reports = true;
      this.#intake.take(frame, offset);
      return;
    }
    const request = readRequest(frame, offset, frameBytes);
    if (request !== undefined) this.#requests.add(request);
    else this.#options.books.countRejected(isFromClient(type) ? 'not_in_dialect' : 'unknown_type');
    this.#asks ||= request !== undefined;
  }

  outOfStep(): void {
    this.#options.books.countRejected('out_of_step');
  }

  #receive(chunk: Buffer): void {
    clearTimeout(this.#silence);
    this.#activeAt = performance.now();
    this.#options.books.setTime(Date.now() / 1000);
    this.#stream.push(chunk);
    if (this.#stream.waitsForSilence) {
      this.#silence = setTimeout(() => {
        this.#stream.settle();
      }, SILENCE_MS);
    }
    if (this.isMonitor && !this.#requests.served) this.#socket.pause();
  }

  #closed(): void {
    clearTimeout(this.#silence);
    this.#requests.close();
    const reporters = this.#claims.reporters();
    for (const reporter of reporters) this.#options.reporters.disconnected(reporter);
    this.#options.watch.soon(reporters);
  }
}
