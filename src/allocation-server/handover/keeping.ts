import type { Server, Socket } from 'node:net';

/** The name of the listening socket, among what is kept. */
export const LISTENER_NAME = 'tt-listener';
/** The name of the file that has the state of the others. */
export const STATE_NAME = 'tt-state';
/** What the names of connections begin with. */
export const CONNECTION_PREFIX = 'tt-c';

/**
 * Somebody who holds this server's sockets too, so that they stay open when it ends, and hands them to the next one:
 * a client that has a connection does not notice.
 */
export interface Keeping {
  /** Whether the listening socket outlives this server, so that its file has to stay. */
  readonly keepsListener: boolean;
  /** Holds it from now on. */
  keep(name: string, socket: Socket): void;
  keepListener(server: Server): void;
  /** Lets it go: it has been closed. */
  drop(name: string): void;
  /** Says that this server takes connections. */
  ready(): void;
  /** Leaves a state for the next server. */
  saveState(state: string): void;
  /** What the last one left; once. undefined where it left none: it did not end in order. */
  takeState(): string | undefined;
}

/** Nobody keeps anything. */
export const NO_KEEPING: Keeping = {
  keepsListener: false,
  keep: () => undefined,
  keepListener: () => undefined,
  drop: () => undefined,
  ready: () => undefined,
  saveState: () => undefined,
  takeState: () => undefined,
};
