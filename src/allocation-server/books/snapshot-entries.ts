import type { ByType, DocumentDevice, DocumentProcess, DocumentServer } from '../../protocol/snapshot-document.ts';
import { DEVICE, DEVICE_FIELD, FIELD, HOLDING, TYPE, byType } from './memory-rows.ts';
import type { RowShape } from './memory-rows.ts';
import type { DeviceCopy, HoldingCopy, SnapshotCopy } from './snapshot-copy.ts';

/** One row of the copy, and which of its types are shown. */
interface Row {
  readonly rows: Float64Array;
  readonly start: number;
  readonly shape: RowShape;
  readonly shows: (typeStart: number) => boolean;
}

export function serverEntry(copy: SnapshotCopy): DocumentServer {
  const { messages, rejectedMessages, doubtfulMessages, reclaimedBytes, reclaimedBuffers } = copy;
  return { ...copy.server, messages, rejectedMessages, doubtfulMessages, reclaimedBytes, reclaimedBuffers };
}

/**
 * A device without its processes. Every instrumented application reports its buffers, so no buffers are 0; not all
 * report circular buffers, kernels and evidence, so these are there once somebody has.
 */
export function deviceEntry({ id, facts, row }: DeviceCopy): Omit<DocumentDevice, 'processes'> {
  const isUsed = used(row);
  const sums = [TYPE.cb, TYPE.kernel].map((type) => type * DEVICE.type);
  const of: Row = { rows: row, start: 0, shape: DEVICE, shows: (at) => isUsed(at) || !sums.includes(at) };
  const has = (field: number) => (at: number) => (row[at + field] ?? 0) > 0;
  const changed = row[DEVICE.changed] ?? 0;
  return {
    id,
    ...(facts?.architecture !== undefined && { architecture: facts.architecture }),
    capacity: facts?.capacity ?? {},
    ...live(of),
    counters: {
      ...churn(of),
      reclaimedBytes: figures(of, DEVICE_FIELD.RECLAIMED_BYTES),
      reclaimedBuffers: figures(of, DEVICE_FIELD.RECLAIMED_BUFFERS),
      allocationFailures: figures({ ...of, shows: has(DEVICE_FIELD.FAILURES) }, DEVICE_FIELD.FAILURES),
    },
    largestFreeBlockBytes: figures({ ...of, shows: has(DEVICE_FIELD.LARGEST_FREE_FROM) }, DEVICE_FIELD.LARGEST_FREE),
    lastFailedAllocationBytes: figures({ ...of, shows: has(DEVICE_FIELD.FAILURES) }, DEVICE_FIELD.LAST_FAILED),
    ...(changed > 0 && { lastUpdateSeconds: changed }),
  };
}

/** `maxCores`: of more cores than that only the fullest is told. */
export function processEntry(copy: SnapshotCopy, { holding, facts }: HoldingCopy, maxCores: number): DocumentProcess {
  const { rows, oldestTimes } = copy;
  const of: Row = { rows, start: holding.row, shape: HOLDING, shows: used(rows) };
  const oldest = oldestTimes[holding.index] ?? NaN;
  const changed = rows[holding.row + HOLDING.changed] ?? 0;
  return {
    pid: facts.pid,
    ...(facts.hostPid !== undefined && { hostPid: facts.hostPid }),
    ...(facts.startSeconds !== undefined && { startSeconds: facts.startSeconds }),
    ...(facts.comm !== undefined && { comm: facts.comm }),
    partial: facts.partial,
    ...live(of),
    counters: churn(of),
    ...(!Number.isNaN(oldest) && { oldestBufferSeconds: oldest }),
    ...(changed > 0 && { lastActivitySeconds: changed }),
    ...coresOf(holding, maxCores),
  };
}

function coresOf({ cores }: HoldingCopy['holding'], maxCores: number): Partial<DocumentProcess> {
  if (cores === undefined) return {};
  const cbCores = cores.inUse();
  const cbMaxCoreBytes = cbCores.reduce((most, { bytes }) => Math.max(most, bytes), 0);
  return cbCores.length > maxCores ? { cbMaxCoreBytes } : { cbMaxCoreBytes, cbCores };
}

/** The types that anything was ever allocated of. */
function used(rows: Float64Array): (typeStart: number) => boolean {
  return (typeStart) => (rows[typeStart + FIELD.ALLOCATIONS] ?? 0) > 0;
}

function live(of: Row): { liveBytes: ByType; liveBuffers: ByType; peakBytes: ByType } {
  return {
    liveBytes: figures(of, FIELD.LIVE_BYTES),
    liveBuffers: figures(of, FIELD.LIVE_BUFFERS),
    peakBytes: figures(of, FIELD.PEAK_BYTES),
  };
}

function churn(of: Row): { allocations: ByType; frees: ByType; allocatedBytes: ByType; freedBytes: ByType } {
  return {
    allocations: figures(of, FIELD.ALLOCATIONS),
    frees: figures(of, FIELD.FREES),
    allocatedBytes: figures(of, FIELD.ALLOCATED_BYTES),
    freedBytes: figures(of, FIELD.FREED_BYTES),
  };
}

function figures({ rows, start, shape, shows }: Row, field: number): ByType {
  return byType(rows, start, shape, field, shows);
}
