import { createServer } from 'node:net';
import { encodeDeviceInfoResponse, encodeResponse } from '../protocol/answers.ts';
import type { TotalsFields } from '../protocol/answers.ts';
import { Cursor } from '../bytes/cursor.ts';
import { HEADER } from '../protocol/layout.ts';
import type { Dialect } from '../protocol/layout.ts';
import { ALL_DEVICES, MESSAGE } from '../protocol/messages.ts';
import { ProtocolError } from '../protocol/protocol-error.ts';
import { OutOfBoundsWrite, StockBooks } from './stock-books.ts';
import { StockConnection } from './stock-connection.ts';
import { allDevicesFields, deviceFields } from './stock-device-info.ts';
import type { SimulatedDevice } from './stock-device-info.ts';
import type { StockFault } from './stock-faults.ts';

export interface StockServerOptions {
  readonly path: string;
  readonly dialect: Dialect;
  /** The devices that it could open, by id. It keeps books of 8 whatever these are. */
  readonly devices: readonly SimulatedDevice[];
  readonly fault?: StockFault;
  /** How often it looks for dead processes, as the real one does every 5000 ms; left out: only when reap() is called. */
  readonly reapMilliseconds?: number;
  /** What the real one prints. */
  readonly log?: (line: string) => void;
}

/** A stock allocation server, with the faults that the real one has and some that it may have. */
export interface StockServer {
  /** How often it sent to a monitor that had gone: each would have killed it by SIGPIPE. */
  readonly wouldHaveDied: number;
  /** Accepted since the start. */
  readonly connections: number;
  /** Messages taken since the start, of every type. */
  readonly messages: number;
  /** An application named a device that it has no place for, which the real one does not survive. */
  readonly crashed: boolean;
  totals(deviceId: number): TotalsFields;
  /** Fails from now on like that; undefined: not any more. */
  setFault(fault: StockFault | undefined): void;
  /** Sends everything that was held back, one answer after another. */
  release(): Promise<void>;
  /** Looks for dead processes, and takes any error of kill(pid, 0) for death. */
  reap(): void;
  /** Sends what is held back, so that a peer that has gone is noticed, and ends. The socket's file goes with it. */
  close(): Promise<void>;
}

/** Listens at `path`. Rejects where that is not possible (the path is taken). */
export async function startStockServer(options: StockServerOptions): Promise<StockServer> {
  const server = new SimulatedStockServer(options);
  await server.listen();
  return server;
}

class SimulatedStockServer implements StockServer {
  wouldHaveDied = 0;
  connections = 0;
  messages = 0;
  crashed = false;
  readonly #options: StockServerOptions;
  readonly #books = new StockBooks();
  readonly #open = new Set<StockConnection>();
  readonly #listener = createServer({ allowHalfOpen: true });
  #fault: StockFault | undefined;
  #reaper: NodeJS.Timeout | undefined;

  constructor(options: StockServerOptions) {
    this.#options = options;
    this.#fault = options.fault;
    this.#listener.on('connection', (socket) => {
      this.connections++;
      const connection = new StockConnection(socket, {
        dialect: options.dialect,
        fault: () => this.#fault,
        answer: (message) => this.#answer(message),
        died: () => this.wouldHaveDied++,
      });
      this.#open.add(connection);
      void connection.over.then(() => this.#open.delete(connection));
    });
  }

  async listen(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#listener.once('error', reject).listen(this.#options.path, () => {
      resolve(undefined);
    });
    await promise;
    if (this.#options.reapMilliseconds === undefined) return;
    this.#reaper = setInterval(() => {
      this.reap();
    }, this.#options.reapMilliseconds).unref();
  }

  totals(deviceId: number): TotalsFields {
    return this.#books.totals(deviceId);
  }

  setFault(fault: StockFault | undefined): void {
    this.#fault = fault;
  }

  async release(): Promise<void> {
    await Promise.all(Array.from(this.#open, (connection) => connection.release()));
  }

  reap(): void {
    this.#books.reap((pid) => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#reaper);
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    await this.release();
    await this.#destroyAll();
    await closed;
  }

  async #destroyAll(): Promise<void> {
    const connections = [...this.#open];
    for (const connection of connections) connection.destroy();
    await Promise.all(connections.map((connection) => connection.over));
  }

  #answer(message: Buffer): Buffer | undefined {
    this.messages++;
    const { dialect, log } = this.#options;
    const deviceId = new Cursor(message, HEADER.deviceId).i32();
    const type = message[HEADER.type] ?? 0;
    if (type === MESSAGE.QUERY) return encodeResponse(dialect, deviceId, this.#books.totals(deviceId));
    if (type === MESSAGE.DEVICE_INFO_QUERY && dialect !== 'A') return this.#deviceInfo(dialect, deviceId);
    if (type === MESSAGE.DUMP_REMAINING || (type === MESSAGE.DUMP_KERNELS && dialect === 'C')) {
      log?.(`device 0: ${JSON.stringify(this.#books.totals(0), (_, value: unknown) => String(value))}`);
      return undefined;
    }
    this.#take(message, type);
    return undefined;
  }

  #deviceInfo(dialect: 'B' | 'C', deviceId: number): Buffer {
    const { devices } = this.#options;
    if (deviceId === ALL_DEVICES) return encodeDeviceInfoResponse(dialect, deviceId, allDevicesFields(devices.length));
    const device = devices[deviceId];
    const ring = device?.ring;
    return encodeDeviceInfoResponse(
      dialect,
      deviceId,
      deviceFields(dialect, device),
      ring === undefined ? {} : { ring },
    );
  }

  #take(message: Buffer, type: number): void {
    try {
      this.#books.take(this.#options.dialect, message);
    } catch (error) {
      if (error instanceof OutOfBoundsWrite) this.#crash(error);
      else if (error instanceof ProtocolError) this.#options.log?.(`Unknown message type: ${type}`);
      else throw error;
    }
  }

  #crash(error: OutOfBoundsWrite): void {
    this.crashed = true;
    this.#options.log?.(`crashed: ${error.message}`);
    clearInterval(this.#reaper);
    this.#listener.close();
    void this.#destroyAll();
  }
}
