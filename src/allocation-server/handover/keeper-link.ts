import type { Server, Socket } from 'node:net';
import { handleOf } from '../sockets/socket-fd.ts';
import type { ToKeeper } from './keeper-messages.ts';
import { LISTENER_NAME } from './keeping.ts';
import type { Keeping } from './keeping.ts';
import { takeStateFile, writeStateFile } from './state-file.ts';

/** The process above this one, which holds its sockets: see Keeper. */
export class KeeperLink implements Keeping {
  readonly #stateFd: number | undefined;

  constructor(stateFd: number | undefined) {
    this.#stateFd = stateFd;
    // It may end at any time: then its sockets are held by nobody else, and the server goes on.
    process.on('disconnect', () => undefined);
  }

  get keepsListener(): boolean {
    return process.connected;
  }

  keep(name: string, socket: Socket): void {
    this.#send({ kind: 'keep', name }, handleOf(socket));
  }

  keepListener(server: Server): void {
    this.#send({ kind: 'keep', name: LISTENER_NAME }, handleOf(server));
  }

  drop(name: string): void {
    this.#send({ kind: 'drop', name }, undefined);
  }

  ready(): void {
    this.#send({ kind: 'ready' }, undefined);
  }

  saveState(state: string): void {
    if (this.#stateFd !== undefined) writeStateFile(this.#stateFd, state);
  }

  takeState(): string | undefined {
    return this.#stateFd === undefined ? undefined : takeStateFile(this.#stateFd);
  }

  #send(message: ToKeeper, handle: object | undefined): void {
    if (!process.connected) return;
    // A bare handle: a socket would begin to read where it arrives.
    process.send?.(message, handle as Socket | undefined, { keepOpen: true }, () => undefined);
  }
}
