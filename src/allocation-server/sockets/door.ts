import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { NativeDescriptors } from '../native/descriptors.ts';
import { fdOf } from './socket-fd.ts';
import { BACKLOG, listenAtPath } from './listening-path.ts';
import type { SocketFile, SocketPlace } from './listening-path.ts';

/**
 * The listening sockets. Where the program has no descriptor left, Node.js would take connections only to close them, and that
 * kills an application: so the door is closed before, and whoever connects waits in the kernel.
 */
export class Door {
  readonly #onConnection: (socket: Socket) => void;
  readonly #native: NativeDescriptors | undefined;
  #servers: Server[] = [];
  /** Copies of the listening sockets' descriptors while the door is closed. */
  #kept: number[] = [];
  #file: SocketFile | undefined;

  constructor(onConnection: (socket: Socket) => void, native: NativeDescriptors | undefined) {
    this.#onConnection = onConnection;
    this.#native = native;
  }

  /** Makes the socket at a path. Throws SocketError. */
  async openPath(place: SocketPlace): Promise<Server> {
    const server = this.#newServer();
    this.#file = await listenAtPath(server, place);
    this.#servers.push(server);
    return server;
  }

  /** Takes a socket that somebody else has made. Rejects where it is none that listens. */
  async openDescriptor(fd: number): Promise<void> {
    const server = this.#newServer();
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    server.once('error', reject).listen({ fd, backlog: BACKLOG }, () => {
      resolve(undefined);
    });
    await promise;
    server.off('error', reject);
    this.#servers.push(server);
  }

  /** Takes no more connections until `resume`. False where that cannot be done. */
  pause(): boolean {
    const native = this.#native;
    if (native === undefined) return false;
    if (this.#kept.length > 0) return true;
    this.#kept = this.#servers.flatMap((server) => {
      const fd = fdOf(server);
      return fd === undefined ? [] : [native.duplicate(fd)];
    });
    for (const server of this.#servers) server.close();
    this.#servers = [];
    return true;
  }

  async resume(): Promise<void> {
    const kept = this.#kept;
    this.#kept = [];
    for (const fd of kept) await this.openDescriptor(fd);
  }

  get isPaused(): boolean {
    return this.#kept.length > 0;
  }

  /** Whether the path leads to the socket that was made there; true where none was. */
  get isReachable(): boolean {
    return this.#file?.isThere() ?? true;
  }

  /** Closes the sockets. The file that was made is removed, if it is still this one's, unless it is to stay. */
  close(keepFile: boolean): void {
    for (const server of this.#servers) server.close();
    this.#servers = [];
    if (!keepFile) this.#file?.remove();
  }

  #newServer(): Server {
    return createServer({ allowHalfOpen: true }, this.#onConnection);
  }
}
