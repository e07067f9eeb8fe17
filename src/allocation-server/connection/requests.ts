import { MESSAGE } from '../../protocol/messages.ts';
import { EXTENSION_BUFFER_ID } from '../../protocol/extension.ts';
import { dialectOfSize } from '../../protocol/layout.ts';
import type { Dialect } from '../../protocol/layout.ts';

/** What a monitor asks, copied from its frame. */
export interface Request {
  readonly type: number;
  readonly deviceId: number;
  /** In which it is answered. */
  readonly dialect: Dialect;
}

const STOCK: ReadonlySet<number> = new Set([MESSAGE.QUERY, MESSAGE.DUMP_REMAINING]);

const REPORTS = new Uint8Array(256);
for (const name of [
  'ALLOC',
  'FREE',
  'CB_ALLOC',
  'CB_FREE',
  'KERNEL_LOAD',
  'KERNEL_UNLOAD',
  'CB_ALLOC_CORES',
  'ALLOCATOR_STATS',
  'ALLOC_FAILED',
] as const) {
  REPORTS[MESSAGE[name]] = 1;
}

/** Whether applications report with messages of this type. */
export function isReport(type: number): boolean {
  return REPORTS[type] === 1;
}

/** The request whose frame begins at `offset`; undefined where it is none that its dialect has. */
export function readRequest(frame: DataView, offset: number, frameBytes: number): Request | undefined {
  const dialect = dialectOfSize(frameBytes);
  if (dialect === undefined) return undefined;
  const type = frame.getUint8(offset);
  if (!isRequest(type, dialect)) return undefined;
  const deviceId = frame.getInt32(offset + 4, true);
  // This project's probe has the size of dialect A, and says by its buffer_id that it wants an answer in C.
  const isProbe = type === MESSAGE.QUERY && frame.getBigUint64(offset + 24, true) === EXTENSION_BUFFER_ID;
  return { type, deviceId, dialect: isProbe ? 'C' : dialect };
}

function isRequest(type: number, dialect: Dialect): boolean {
  if (STOCK.has(type)) return true;
  if (type === MESSAGE.DEVICE_INFO_QUERY) return dialect !== 'A';
  return dialect === 'C' && (type === MESSAGE.DUMP_KERNELS || type === MESSAGE.SNAPSHOT_QUERY);
}
