import type { DocumentEndedProcess, DocumentRegion } from '../../protocol/snapshot-document.ts';
import type { Device } from './devices.ts';
import type { EndedProcesses } from './ended-processes.ts';
import type { Holding } from './holdings.ts';
import type { Ledger } from './ledger.ts';
import { HOLDING } from './memory-rows.ts';
import type { Process } from './processes.ts';
import type { DeviceFacts, ProcessFacts, SnapshotServer, WatchedRegions } from './types.ts';

/** A holding as it was; `holding` itself goes on changing. */
export interface HoldingCopy {
  readonly holding: Holding;
  readonly facts: ProcessFacts;
}

export interface DeviceCopy {
  readonly id: number;
  readonly facts: DeviceFacts | undefined;
  readonly row: Float64Array;
  readonly holdings: HoldingCopy[];
}

/** All the numbers of one moment. */
export interface SnapshotCopy {
  readonly takenSeconds: number;
  readonly server: SnapshotServer;
  readonly messages: Record<string, number>;
  readonly rejectedMessages: Record<string, number>;
  readonly doubtfulMessages: Record<string, number>;
  readonly reclaimedBytes: number;
  readonly reclaimedBuffers: number;
  readonly devices: readonly DeviceCopy[];
  /** As `Holdings.rows`. */
  readonly rows: Float64Array;
  /** As `BufferTable.oldestTimes`. */
  readonly oldestTimes: Float64Array;
  readonly ended: readonly DocumentEndedProcess[];
  /** undefined where regions are not watched. */
  readonly regions: readonly DocumentRegion[] | undefined;
}

export function copyForSnapshot(
  ledger: Ledger,
  ended: EndedProcesses,
  server: SnapshotServer,
  watched: WatchedRegions | undefined,
): SnapshotCopy {
  const { holdings, counts } = ledger;
  const devices = new Map(ledger.devices.all().map((device) => [device.id, copyDevice(device)]));
  for (let index = 0; index < holdings.top; index++) {
    const holding = holdings.at(index);
    if (holding === undefined) continue;
    devices.get(holding.device.id)?.holdings.push({ holding, facts: factsOf(holding.process) });
  }
  return {
    takenSeconds: ledger.now,
    server,
    messages: counts.messages(),
    rejectedMessages: counts.rejectedMessages(),
    doubtfulMessages: counts.doubtfulMessages(),
    reclaimedBytes: holdings.reclaimed[0] ?? 0,
    reclaimedBuffers: holdings.reclaimed[1] ?? 0,
    devices: [...devices.values()],
    rows: holdings.rows.slice(0, holdings.top * HOLDING.row),
    oldestTimes: ledger.buffers.oldestTimes.slice(0, holdings.top),
    ended: [...ended.records, ...(watched?.endedProcesses ?? [])],
    regions: watched?.regions,
  };
}

function factsOf({ facts, incomplete }: Process): ProcessFacts {
  return incomplete ? { ...facts, partial: true } : facts;
}

function copyDevice({ id, facts, row }: Device): DeviceCopy {
  return { id, facts, row: row.slice(), holdings: [] };
}
