import type { Cursor } from '../bytes/cursor.ts';
import { openFrame, readHeader, readU64 } from './frame-reader.ts';
import type { MessageHeader } from './frame-reader.ts';
import type { Dialect } from './layout.ts';
import { MESSAGE } from './messages.ts';
import { ProtocolError } from './protocol-error.ts';
import type { Report } from './reports.ts';

/**
 * One report of an application. Throws ProtocolError where the frame is none. What it claims (device, process, sizes)
 * is not judged here.
 */
export function decodeReport(dialect: Dialect, frame: Buffer): Report {
  const cursor = openFrame(dialect, frame);
  const header = readHeader(cursor);
  const report = decodeStock(header) ?? decodeExtension(header, cursor);
  if (report === undefined) throw new ProtocolError('type', `${header.type} is no report`);
  return report;
}

function decodeStock(header: MessageHeader): Report | undefined {
  const { deviceId, processId, bufferId, size, bufferType, timestamp } = header;
  const of = { deviceId, processId, bufferId };
  switch (header.type) {
    case MESSAGE.ALLOC:
      return { kind: 'alloc', ...of, size, bufferType, timestamp };
    case MESSAGE.FREE:
      return { kind: 'free', ...of };
    case MESSAGE.CB_ALLOC:
      return { kind: 'cb_alloc', ...of, size, timestamp };
    case MESSAGE.CB_FREE:
      return { kind: 'cb_free', ...of, size };
    case MESSAGE.KERNEL_LOAD:
      return { kind: 'kernel_load', ...of, size, kernelKind: bufferType, timestamp };
    case MESSAGE.KERNEL_UNLOAD:
      return { kind: 'kernel_unload', ...of, size };
    default:
      return undefined;
  }
}

function decodeExtension(header: MessageHeader, cursor: Cursor): Report | undefined {
  const { deviceId, processId, size, bufferType, timestamp } = header;
  const of = { deviceId, processId, timestamp };
  switch (header.type) {
    case MESSAGE.CB_ALLOC_CORES: {
      const cores = { firstX: cursor.u16(), firstY: cursor.u16(), lastX: cursor.u16(), lastY: cursor.u16() };
      return { kind: 'cb_alloc_cores', ...of, bufferId: header.bufferId, size, cores, bytesPerCore: readU64(cursor) };
    }
    case MESSAGE.ALLOCATOR_STATS: {
      const [allocatable, allocated] = [readU64(cursor), readU64(cursor)];
      const [free, largestFreeBlock] = [readU64(cursor), readU64(cursor)];
      return { kind: 'allocator_stats', ...of, bufferType, allocatable, allocated, free, largestFreeBlock };
    }
    case MESSAGE.ALLOC_FAILED:
      return { kind: 'alloc_failed', ...of, bufferType, size, largestFreeBlock: readU64(cursor) };
    default:
      return undefined;
  }
}
