import { newFrame, writeU64, writeUnsigned } from './frame-writer.ts';
import type { HeaderFields } from './frame-writer.ts';
import { BODY_OFFSET } from './layout.ts';
import type { Dialect } from './layout.ts';
import { MESSAGE } from './messages.ts';
import { ProtocolError } from './protocol-error.ts';
import type { Report, ReportKind } from './reports.ts';

const TYPES: Readonly<Record<ReportKind, number>> = {
  alloc: MESSAGE.ALLOC,
  free: MESSAGE.FREE,
  cb_alloc: MESSAGE.CB_ALLOC,
  cb_free: MESSAGE.CB_FREE,
  kernel_load: MESSAGE.KERNEL_LOAD,
  kernel_unload: MESSAGE.KERNEL_UNLOAD,
  cb_alloc_cores: MESSAGE.CB_ALLOC_CORES,
  allocator_stats: MESSAGE.ALLOCATOR_STATS,
  alloc_failed: MESSAGE.ALLOC_FAILED,
};

/**
 * One whole frame of a report. Throws ProtocolError where a field does not fit, or the dialect has no such message:
 * A and B know ALLOC and FREE only.
 */
export function encodeReport(dialect: Dialect, report: Report): Buffer {
  if (dialect !== 'C' && report.kind !== 'alloc' && report.kind !== 'free') {
    throw new ProtocolError('type', `dialect ${dialect} has no ${report.kind}`);
  }
  const frame = newFrame(dialect, header(report));
  writeBody(frame, report);
  return frame;
}

function header(report: Report): HeaderFields {
  const { deviceId, processId } = report;
  return {
    type: TYPES[report.kind],
    deviceId,
    processId,
    ...('size' in report && { size: report.size }),
    ...('bufferType' in report && { bufferType: report.bufferType }),
    ...('kernelKind' in report && { bufferType: report.kernelKind }),
    ...('bufferId' in report && { bufferId: report.bufferId }),
    ...('timestamp' in report && { timestamp: report.timestamp }),
  };
}

function writeBody(frame: Buffer, report: Report): void {
  if (report.kind === 'cb_alloc_cores') {
    writeUnsigned(frame, BODY_OFFSET, 2, report.cores.firstX, 'first core x');
    writeUnsigned(frame, BODY_OFFSET + 2, 2, report.cores.firstY, 'first core y');
    writeUnsigned(frame, BODY_OFFSET + 4, 2, report.cores.lastX, 'last core x');
    writeUnsigned(frame, BODY_OFFSET + 6, 2, report.cores.lastY, 'last core y');
    writeU64(frame, BODY_OFFSET + 8, report.bytesPerCore, 'bytes on each core');
  } else if (report.kind === 'allocator_stats') {
    writeU64(frame, BODY_OFFSET, report.allocatable, 'total allocatable');
    writeU64(frame, BODY_OFFSET + 8, report.allocated, 'allocated');
    writeU64(frame, BODY_OFFSET + 16, report.free, 'free');
    writeU64(frame, BODY_OFFSET + 24, report.largestFreeBlock, 'largest free block');
  } else if (report.kind === 'alloc_failed') {
    writeU64(frame, BODY_OFFSET, report.largestFreeBlock, 'largest free block');
  }
}
