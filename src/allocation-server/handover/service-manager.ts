import type { Socket } from 'node:net';
import { errorText } from '../../log/log.ts';
import type { Log } from '../../log/log.ts';
import type { NativeDescriptors } from '../native/descriptors.ts';
import { fdOf } from '../sockets/socket-fd.ts';
import type { Keeping } from './keeping.ts';
import { STATE_NAME } from './keeping.ts';
import { takeStateFile, writeStateFile } from './state-file.ts';

/**
 * A service manager with a store for descriptors (systemd: sd_pid_notify_with_fds(3), FileDescriptorStoreMax=), which holds
 * connections while the service restarts, in order or not. It drops those whose peer has closed by itself.
 */
export class ServiceManager implements Keeping {
  /** The socket unit has the listening socket; without one the path is this server's own. */
  readonly keepsListener = false;
  readonly #notify: (text: string, fds: readonly number[]) => void;
  readonly #native: NativeDescriptors;
  #stateFd: number | undefined;

  constructor(path: string, native: NativeDescriptors, stateFd: number | undefined, log: Log) {
    this.#native = native;
    this.#stateFd = stateFd;
    this.#notify = (text, fds) => {
      try {
        native.notify(path, text, fds);
      } catch (error) {
        log.warn('the service manager cannot be told', { error: errorText(error) });
      }
    };
  }

  keep(name: string, socket: Socket): void {
    const fd = fdOf(socket);
    if (fd !== undefined) this.#notify(`FDSTORE=1\nFDNAME=${name}`, [fd]);
  }

  keepListener(): void {
    // See keepsListener.
  }

  drop(name: string): void {
    this.#notify(`FDSTOREREMOVE=1\nFDNAME=${name}`, []);
  }

  ready(): void {
    if (this.#stateFd === undefined) {
      this.#stateFd = this.#native.memoryFile();
      this.#notify(`FDSTORE=1\nFDNAME=${STATE_NAME}`, [this.#stateFd]);
    }
    this.#notify('READY=1', []);
  }

  saveState(state: string): void {
    this.#notify('STOPPING=1', []);
    if (this.#stateFd !== undefined) writeStateFile(this.#stateFd, state);
  }

  takeState(): string | undefined {
    return this.#stateFd === undefined ? undefined : takeStateFile(this.#stateFd);
  }
}
