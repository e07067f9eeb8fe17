import { createConnection } from 'node:net';
import { encodeReport } from '../protocol/encode-report.ts';
import type { U64 } from '../protocol/frame-writer.ts';
import type { Dialect } from '../protocol/layout.ts';
import { BUFFER_TYPE, KERNEL_KIND } from '../protocol/messages.ts';
import type { Report } from '../protocol/reports.ts';
import { WholeWrites } from './whole-writes.ts';

/** One buffer, circular buffer or kernel of an application. `id`: its device address, or the kernel's id. */
export interface Reported {
  readonly pid: number;
  readonly device: number;
  readonly id: bigint;
  /** Bytes. */
  readonly size: U64;
}

/** An application as the allocation server sees it: it reports, and never reads. Every message is one whole frame. */
export interface Reporter {
  alloc(buffer: Reported & { readonly type: keyof typeof BUFFER_TYPE }): void;
  free(buffer: Omit<Reported, 'size'>): void;
  cbAlloc(buffer: Reported): void;
  cbFree(buffer: Reported): void;
  kernelLoad(kernel: Reported & { readonly kind?: keyof typeof KERNEL_KIND }): void;
  kernelUnload(kernel: Reported): void;
  /** Any other report. */
  report(report: Report): void;
  /** Sends bytes in one piece, whole frame or not. */
  raw(bytes: Buffer): void;
  /** Resolves when all of it has been handed to the kernel; rejects where the connection is lost. */
  flush(): Promise<void>;
  /** Sends what it can, then closes. */
  close(): Promise<void>;
}

/** Connects as an application does. Rejects where there is no server. */
export async function connectReporter(path: string, dialect: Dialect): Promise<Reporter> {
  const socket = createConnection({ path });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  // A lost connection shows at the next flush(); until then reports are lost, as an application's are.
  socket.on('error', () => undefined);
  const writes = new WholeWrites(socket);
  const report = (message: Report): void => {
    writes.push(encodeReport(dialect, message));
  };
  return {
    ...reportMethods(report),
    report,
    raw: (bytes) => {
      writes.push(bytes);
    },
    flush: () => writes.flush(),
    async close() {
      await writes.flush().catch(() => undefined);
      if (socket.closed) return;
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.destroySoon();
      await closed;
    },
  };
}

type Methods = Pick<Reporter, 'alloc' | 'free' | 'cbAlloc' | 'cbFree' | 'kernelLoad' | 'kernelUnload'>;

function reportMethods(report: (message: Report) => void): Methods {
  return {
    alloc: (buffer) => {
      report({ kind: 'alloc', ...common(buffer), bufferType: BUFFER_TYPE[buffer.type], ...sized(buffer), ...now() });
    },
    free: (buffer) => {
      report({ kind: 'free', ...common(buffer) });
    },
    cbAlloc: (buffer) => {
      report({ kind: 'cb_alloc', ...common(buffer), ...sized(buffer), ...now() });
    },
    cbFree: (buffer) => {
      report({ kind: 'cb_free', ...common(buffer), ...sized(buffer) });
    },
    kernelLoad: (kernel) => {
      const kernelKind = KERNEL_KIND[kernel.kind ?? 'APPLICATION'];
      report({ kind: 'kernel_load', ...common(kernel), ...sized(kernel), kernelKind, ...now() });
    },
    kernelUnload: (kernel) => {
      report({ kind: 'kernel_unload', ...common(kernel), ...sized(kernel) });
    },
  };
}

function common({ device, pid, id }: Omit<Reported, 'size'>): {
  deviceId: number;
  processId: number;
  bufferId: bigint;
} {
  return { deviceId: device, processId: pid, bufferId: id };
}

function sized({ size }: Reported): { size: U64 } {
  return { size };
}

function now(): { timestamp: bigint } {
  return { timestamp: BigInt(Date.now()) * 1_000_000n };
}
