import type { Dialect } from '../protocol/layout.ts';
import { BUFFER_TYPE, KERNEL_KIND } from '../protocol/messages.ts';
import type { Report } from '../protocol/reports.ts';
import { Link } from './link.ts';
import type { HoldingReport } from './live-reports.ts';
import { Outbox } from './outbox.ts';
import type {
  AllocatedBuffer,
  AllocatedCircularBuffer,
  AllocatorStatistics,
  FailedAllocation,
  LoadedKernel,
  ReportedId,
  ReportingClient,
  ReportingClientOptions,
  ReportingCounts,
  Sized,
} from './types.ts';

const DEFAULT_SOCKET = '/tmp/tt_allocation_server.sock';
const DEFAULT_MAX_QUEUED = 4096;
const DEFAULT_CLOSE_MS = 250;

/** sun_path has 108 bytes, and ends with a zero (unix(7)). */
const MAX_PATH_BYTES = 107;

/** Connects in the background, and again whenever the connection is lost. Throws RangeError where no socket can have that path. */
export function createReportingClient(options: ReportingClientOptions = {}): ReportingClient {
  const enabled = options.enabled ?? process.env['TT_ALLOC_TRACKING_ENABLED'] === '1';
  return enabled ? new SocketReportingClient(options) : OFF;
}

const nothing = (): void => undefined;

const OFF: ReportingClient = {
  enabled: false,
  allocated: nothing,
  freed: nothing,
  circularBufferAllocated: nothing,
  circularBufferFreed: nothing,
  kernelLoaded: nothing,
  kernelUnloaded: nothing,
  allocatorStatistics: nothing,
  allocationFailed: nothing,
  counts: () => ({ connected: false, connections: 0, sent: 0, dropped: 0, unknownFrees: 0, live: 0 }),
  close: () => Promise.resolve(),
};

class SocketReportingClient implements ReportingClient {
  readonly enabled = true;
  readonly #dialect: Dialect;
  readonly #extension: boolean;
  readonly #outbox: Outbox;
  readonly #link: Link;
  #unsupported = 0;
  #closed = false;

  constructor(options: ReportingClientOptions) {
    const path = options.socketPath ?? DEFAULT_SOCKET;
    if (path === '' || Buffer.byteLength(path) > MAX_PATH_BYTES) {
      throw new RangeError(`"${path}" is no path of a socket: it must have 1 to ${MAX_PATH_BYTES} bytes`);
    }
    this.#dialect = options.dialect ?? 'C';
    this.#extension = options.extension === true && this.#dialect === 'C';
    this.#outbox = new Outbox(this.#dialect, options.maxQueued ?? DEFAULT_MAX_QUEUED);
    this.#link = new Link(path, this.#outbox);
  }

  allocated(buffer: AllocatedBuffer): void {
    this.#hold({ kind: 'alloc', ...sized(buffer), bufferType: BUFFER_TYPE[buffer.type], timestamp: now() });
  }

  freed(buffer: ReportedId): void {
    this.#release('buffer', buffer, () => ({ kind: 'free', ...identified(buffer) }));
  }

  circularBufferAllocated(buffer: AllocatedCircularBuffer): void {
    const { cores } = buffer;
    const common = { ...sized(buffer), timestamp: now() };
    if (cores === undefined || !this.#extension) this.#hold({ kind: 'cb_alloc', ...common });
    else this.#hold({ kind: 'cb_alloc_cores', ...common, cores, bytesPerCore: cores.bytesPerCore });
  }

  circularBufferFreed(buffer: ReportedId): void {
    this.#release('cb', buffer, ({ size }) => ({ kind: 'cb_free', ...identified(buffer), size }));
  }

  kernelLoaded(kernel: LoadedKernel): void {
    const kernelKind = KERNEL_KIND[kernel.kind ?? 'APPLICATION'];
    this.#hold({ kind: 'kernel_load', ...sized(kernel), kernelKind, timestamp: now() });
  }

  kernelUnloaded(kernel: ReportedId): void {
    this.#release('kernel', kernel, ({ size }) => ({ kind: 'kernel_unload', ...identified(kernel), size }));
  }

  allocatorStatistics({ device, type, ...sizes }: AllocatorStatistics): void {
    this.#tell({ kind: 'allocator_stats', ...about(device, type), ...sizes });
  }

  allocationFailed({ device, type, ...sizes }: FailedAllocation): void {
    this.#tell({ kind: 'alloc_failed', ...about(device, type), ...sizes });
  }

  counts(): ReportingCounts {
    const { connected, connections, sent } = this.#link;
    const { dropped, unknownFrees, live } = this.#outbox;
    return { connected, connections, sent, dropped: dropped + this.#unsupported, unknownFrees, live };
  }

  async close(milliseconds = DEFAULT_CLOSE_MS): Promise<void> {
    this.#closed = true;
    await this.#link.close(milliseconds);
  }

  #hold(report: HoldingReport): void {
    if (!this.#takes(report.kind)) return;
    this.#outbox.hold(report);
    this.#link.wake();
  }

  #release(kind: 'buffer' | 'cb' | 'kernel', { device, id }: ReportedId, free: (held: HoldingReport) => Report): void {
    if (!this.#takes(kind === 'buffer' ? 'free' : kind === 'cb' ? 'cb_free' : 'kernel_unload')) return;
    this.#outbox.release(kind, device, id, free);
    this.#link.wake();
  }

  #tell(report: Report): void {
    if (!this.#takes(report.kind)) return;
    this.#outbox.tell(report);
    this.#link.wake();
  }

  /** Whether the server has such a message; counts it where not. */
  #takes(kind: Report['kind']): boolean {
    if (this.#closed) return false;
    const stock = kind !== 'allocator_stats' && kind !== 'alloc_failed';
    const taken = kind === 'alloc' || kind === 'free' || (this.#dialect === 'C' && (stock || this.#extension));
    if (!taken) this.#unsupported++;
    return taken;
  }
}

function identified({ device, id }: ReportedId): { deviceId: number; processId: number; bufferId: bigint } {
  return { deviceId: device, processId: process.pid, bufferId: id };
}

function sized(buffer: Sized): ReturnType<typeof identified> & Pick<Sized, 'size'> {
  return { ...identified(buffer), size: buffer.size };
}

function about(
  device: number,
  type: keyof typeof BUFFER_TYPE,
): { deviceId: number; processId: number; bufferType: number; timestamp: bigint } {
  return { deviceId: device, processId: process.pid, bufferType: BUFFER_TYPE[type], timestamp: now() };
}

/** ns since the Unix epoch, as exact as the clock is. */
function now(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
}
