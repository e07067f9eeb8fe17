import { Socket } from 'node:net';
import type { SocketConstructorOpts } from 'node:net';
import { LISTENER_NAME } from './keeping.ts';

/** A bare handle of Node.js, as one process gets it from another. */
interface Handle {
  readonly fd: number;
  readStart(): void;
  readStop(): void;
  close(): void;
}

/** Sockets that are held open and not read. */
export class KeptSockets {
  readonly #handles = new Map<string, Handle>();
  readonly #draining = new Map<string, Socket>();

  get size(): number {
    return this.#handles.size;
  }

  keep(name: string, handle: unknown): void {
    if (!isHandle(handle)) return;
    this.drop(name);
    this.#handles.set(name, handle);
  }

  drop(name: string): void {
    const draining = this.#draining.get(name);
    if (draining === undefined) this.#handles.get(name)?.close();
    else draining.destroy();
    this.#draining.delete(name);
    this.#handles.delete(name);
  }

  descriptors(): (readonly [name: string, fd: number])[] {
    return [...this.#handles].map(([name, { fd }]) => [name, fd] as const);
  }

  /** Reads and throws away what comes, until `stopDraining`. */
  drain(): void {
    for (const [name, handle] of this.#handles) {
      if (name === LISTENER_NAME) continue;
      const known = this.#draining.get(name);
      if (known === undefined) this.#draining.set(name, this.#openDrain(name, handle));
      else {
        known.resume();
        handle.readStart();
      }
    }
  }

  stopDraining(): void {
    for (const [name, socket] of this.#draining) {
      socket.pause();
      // A paused socket reads on until its buffer is full: that would be taken from the next server.
      this.#handles.get(name)?.readStop();
    }
  }

  #openDrain(name: string, handle: Handle): Socket {
    const socket = new Socket({ handle, allowHalfOpen: true } as unknown as SocketConstructorOpts);
    return socket
      .on('data', () => undefined)
      .on('error', () => undefined)
      .on('end', () => {
        socket.destroy();
      })
      .on('close', () => {
        this.#draining.delete(name);
        this.#handles.delete(name);
      });
  }
}

function isHandle(value: unknown): value is Handle {
  return typeof value === 'object' && value !== null && 'fd' in value && 'close' in value;
}
