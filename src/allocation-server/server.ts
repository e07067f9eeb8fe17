import { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../log/log.ts';
import { VERSION } from '../version.ts';
import { Snapshots } from './answers/snapshots.ts';
import { AllocationBooks } from './books/allocation-books.ts';
import { Connection } from './connection/connection.ts';
import type { ConnectionOptions, RestoredConnection } from './connection/connection.ts';
import { Crowd } from './connection/crowd.ts';
import { RequestDesk } from './connection/request-desk.ts';
import { WaitingRoom } from './connection/waiting-reports.ts';
import { DeviceWatch } from './device-watch.ts';
import type { ServerSettings } from './flags.ts';
import { decodeStates, encodeStates } from './handover/connection-states.ts';
import { CONNECTION_PREFIX, LISTENER_NAME, STATE_NAME } from './handover/keeping.ts';
import type { Keeping } from './handover/keeping.ts';
import { HostProcesses } from './identity/host-processes.ts';
import { LifeWatch } from './identity/life-watch.ts';
import { findPeer } from './identity/peer.ts';
import { Reporters } from './identity/reporters.ts';
import type { NativeDescriptors } from './native/descriptors.ts';
import { BoundedOutput } from './output/bounded-output.ts';
import { Dumps } from './output/dumps.ts';
import { printEvent } from './output/events.ts';
import { RegionWatch } from './regions/region-watch.ts';
import { maxConnections } from './sockets/descriptor-limit.ts';
import { Door } from './sockets/door.ts';
import type { InheritedDescriptor } from './sockets/inherited.ts';
import { fdOf } from './sockets/socket-fd.ts';

const TICK_MS = 1000;
/** How long an end waits for answers that are on their way. */
const LAST_ANSWERS_MS = 300;
/** And for lines that stdout has not taken. */
const LAST_LINES_MS = 200;
const LOOK_MS = 5;

export interface ServerParts {
  readonly settings: ServerSettings;
  readonly log: Log;
  readonly native: NativeDescriptors | undefined;
  readonly inherited: readonly InheritedDescriptor[];
  readonly keeping: Keeping;
}

/** The allocation server: the other files put together, and its life. */
export class AllocationServer {
  readonly #parts: ServerParts;
  readonly #startMs = Date.now();
  readonly #books = new AllocationBooks();
  readonly #processes: HostProcesses;
  readonly #reporters: Reporters;
  readonly #watch: LifeWatch;
  readonly #devices: DeviceWatch;
  readonly #door: Door;
  readonly #crowd: Crowd;
  readonly #output = new BoundedOutput(process.stdout);
  readonly #options: ConnectionOptions;
  #regions: RegionWatch | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #tidying = false;
  #dropped = 0;
  #names = 0;

  constructor(parts: ServerParts) {
    const { settings, log } = parts;
    this.#parts = parts;
    const books = this.#books;
    const startSeconds = this.#startMs / 1000;
    this.#processes = new HostProcesses(settings.procfsPath);
    this.#reporters = new Reporters({ books, processes: this.#processes });
    this.#watch = new LifeWatch(this.#reporters);
    this.#devices = new DeviceWatch({ books, log, ...settings });
    this.#door = new Door((socket) => {
      this.#take(`${CONNECTION_PREFIX}${this.#startMs.toString(36)}-${this.#names++}`, socket, undefined);
    }, parts.native);
    this.#crowd = new Crowd(this.#door, maxConnections());
    this.#options = this.#connectionOptions(startSeconds);
  }

  /** Throws SocketError, CapacityConfigError. */
  async start(): Promise<void> {
    const { settings, keeping, log } = this.#parts;
    this.#books.setTime(Date.now() / 1000);
    await this.#devices.start();
    if (this.#parts.native !== undefined && !this.#processes.isOwnNamespace) {
      log.warn('PIDs cannot be verified: procfs is of another PID namespace', { procfs: settings.procfsPath });
    }
    const isActivated = await this.#open();
    this.#restore();
    this.#watch.start();
    if (settings.watchRegions) this.#watchRegions();
    this.#ticker = setInterval(() => {
      this.#tick();
    }, TICK_MS);
    keeping.ready();
    const path = isActivated ? undefined : settings.socketPath;
    log.info('listening', { path, activated: isActivated, restored: this.#crowd.size, version: VERSION });
  }

  reload(): Promise<void> {
    return this.#devices.reload();
  }

  /**
   * Ends within a second: takes no more, lets answers that are under way go out, and leaves the connections to whoever
   * keeps them.
   */
  async stop(): Promise<void> {
    const { keeping } = this.#parts;
    clearInterval(this.#ticker);
    this.#watch.close();
    this.#devices.close();
    void this.#regions?.close();
    this.#door.close(keeping.keepsListener);
    const connections = [...this.#crowd.entries()];
    const until = performance.now() + LAST_ANSWERS_MS;
    while (connections.some(([, { isServed }]) => !isServed) && performance.now() < until) await pause(LOOK_MS);
    for (const [, connection] of connections) connection.freeze();
    keeping.saveState(encodeStates(new Map(connections.map(([name, { streamState }]) => [name, streamState]))));
    while (!this.#output.isEmpty && performance.now() < until + LAST_LINES_MS) await pause(LOOK_MS);
  }

  /** Takes over the listening socket, or makes it. True where it was handed over. */
  async #open(): Promise<boolean> {
    const { settings, inherited, keeping } = this.#parts;
    const listening = inherited.filter(({ name }) => !name.startsWith(CONNECTION_PREFIX) && name !== STATE_NAME);
    for (const { fd } of listening) await this.#door.openDescriptor(fd);
    if (listening.length === 0) {
      const { socketPath: path, socketMode: mode, socketGroup: group } = settings;
      keeping.keepListener(await this.#door.openPath({ path, mode, group }));
    }
    return listening.some(({ name }) => name !== LISTENER_NAME);
  }

  /** Goes on with the connections of the server before this one. */
  #restore(): void {
    const { inherited, keeping } = this.#parts;
    const states = decodeStates(keeping.takeState() ?? '');
    for (const { fd, name } of inherited) {
      if (!name.startsWith(CONNECTION_PREFIX)) continue;
      const socket = new Socket({ fd, readable: true, writable: true, allowHalfOpen: true });
      this.#take(name, socket, { stream: states.get(name) });
    }
  }

  #take(name: string, socket: Socket, restored: RestoredConnection | undefined): void {
    const { keeping } = this.#parts;
    // Before anything is read: from here on the connection outlives this process.
    if (restored === undefined) keeping.keep(name, socket);
    const native = this.#processes.isOwnNamespace ? this.#parts.native : undefined;
    const peer = findPeer(fdOf(socket), native, this.#processes, restored !== undefined);
    const connection = new Connection(socket, peer, this.#options, restored);
    this.#crowd.add(name, connection, () => {
      keeping.drop(name);
    });
  }

  #connectionOptions(startSeconds: number): ConnectionOptions {
    const books = this.#books;
    const describe = () => ({ version: VERSION, startSeconds, connections: this.#crowd.size });
    const { logEvents } = this.#parts.settings;
    return {
      books,
      reporters: this.#reporters,
      watch: this.#watch,
      room: new WaitingRoom(),
      snapshots: new Snapshots(books, describe, () => this.#regions?.evidence),
      dumps: new Dumps(books, this.#output),
      desk: new RequestDesk(),
      startedAt: BigInt(this.#startMs) * 1_000_000n,
      onReport: logEvents
        ? (frame, offset, reason) => {
            printEvent(this.#output, frame, offset, reason);
          }
        : undefined,
    };
  }

  #watchRegions(): void {
    const { settings, log } = this.#parts;
    const { shmPath: shm, procfsPath: procfs, sysfsPath: sysfs } = settings;
    const say = (message: string): void => {
      log.warn(message, { source: 'watch-regions' });
    };
    this.#regions = new RegionWatch({ shm, procfs, sysfs, log: say });
  }

  #tick(): void {
    const { log, settings } = this.#parts;
    this.#books.setTime(Date.now() / 1000);
    if (!this.#tidying) void this.#tidy();
    if (!this.#door.isReachable) log.error('the socket has been taken away: restart me', { path: settings.socketPath });
    if (this.#output.dropped > this.#dropped) {
      log.warn('lines were dropped because stdout is not read', { lines: this.#output.dropped - this.#dropped });
      this.#dropped = this.#output.dropped;
    }
  }

  async #tidy(): Promise<void> {
    this.#tidying = true;
    while (this.#books.tidy()) await new Promise(setImmediate);
    this.#tidying = false;
  }
}
