import type { U64 } from './frame-writer.ts';

/** Whose a report is, and which device it is about. `processId` is what getpid() gives in the application. */
interface Reported {
  /** TT-Metal's logical chip id, as the application claims it. */
  readonly deviceId: number;
  readonly processId: number;
}

/** A device address (buffers, circular buffers), or the id of a kernel or program. */
interface Identified extends Reported {
  readonly bufferId: bigint;
}

/** ns since the Unix epoch, when the application sent it. */
interface Stamped {
  readonly timestamp: bigint;
}

/** The cores of a circular buffer, in logical coordinates: a rectangle, both corners included. */
export interface CoreRange {
  readonly firstX: number;
  readonly firstY: number;
  readonly lastX: number;
  readonly lastY: number;
}

/** What applications tell a server. Nothing of it is ever answered. Sizes are bytes. */
export type Report =
  | (Identified & Stamped & { readonly kind: 'alloc'; readonly bufferType: number; readonly size: U64 })
  | (Identified & { readonly kind: 'free' })
  | (Identified & Stamped & { readonly kind: 'cb_alloc'; readonly size: U64 })
  | (Identified & { readonly kind: 'cb_free'; readonly size: U64 })
  | (Identified & Stamped & { readonly kind: 'kernel_load'; readonly kernelKind: number; readonly size: U64 })
  | (Identified & { readonly kind: 'kernel_unload'; readonly size: U64 })
  | (Identified &
      Stamped & {
        readonly kind: 'cb_alloc_cores';
        readonly size: U64;
        readonly cores: CoreRange;
        readonly bytesPerCore: U64;
      })
  | (Reported &
      Stamped & {
        readonly kind: 'allocator_stats';
        readonly bufferType: number;
        readonly allocatable: U64;
        readonly allocated: U64;
        readonly free: U64;
        readonly largestFreeBlock: U64;
      })
  | (Reported &
      Stamped & {
        readonly kind: 'alloc_failed';
        readonly bufferType: number;
        readonly size: U64;
        readonly largestFreeBlock: U64;
      });

export type ReportKind = Report['kind'];
