import { encodeReport } from '../../../src/protocol/encode-report.ts';
import type { Report } from '../../../src/protocol/reports.ts';

/** A frame of dialect C as the books read it. */
export function frameOf(report: Report): DataView {
  const frame = encodeReport('C', report);
  return new DataView(frame.buffer, frame.byteOffset, frame.length);
}

export const GIB = 2 ** 30;
/** The clock of the tests. */
export const NOW = 1_700_000_000;

export const at = (seconds: number): bigint => BigInt(Math.round(seconds * 1000)) * 1_000_000n;

/** An ALLOC about device 0 of a process that nobody looks at, with what matters given. */
export function alloc(fields: Partial<Extract<Report, { kind: 'alloc' }>> = {}): Report {
  return {
    kind: 'alloc',
    deviceId: 0,
    processId: 1,
    bufferId: 0x1000n,
    size: 4096,
    bufferType: 0,
    timestamp: at(NOW),
    ...fields,
  };
}

export function free(fields: Partial<Extract<Report, { kind: 'free' }>> = {}): Report {
  return { kind: 'free', deviceId: 0, processId: 1, bufferId: 0x1000n, ...fields };
}
