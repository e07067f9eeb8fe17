import { noMemory } from '../../src/snapshot/memory-types.ts';
import type { MemoryBytes } from '../../src/snapshot/memory-types.ts';
import type {
  AllocationServerReading,
  ServerDevice,
  ServerProcess,
} from '../../src/sources/allocation-server/types.ts';
import type { HostProcess, ProcfsReading } from '../../src/sources/procfs/types.ts';
import type { Region, RegionReading, RegionSlot } from '../../src/sources/shared-memory/types.ts';
import type { FileId } from '../../src/sources/source.ts';
import { fileKey } from '../../src/sources/source.ts';
import type { Card } from '../../src/sources/sysfs/types.ts';

/** Readings with everything unknown but what a test names. */

const NO_LIMIT = { value: undefined, limit: undefined };

export function card(part: Partial<Card> & Pick<Card, 'index'>): Card {
  return {
    pciAddress: `0000:0${part.index + 1}:00.0`,
    arch: undefined,
    driverIndex: part.index,
    deviceNumber: undefined,
    subsystemId: undefined,
    state: 'ok',
    board: undefined,
    serial: undefined,
    asicId: undefined,
    firmware: [],
    temperature: NO_LIMIT,
    voltage: NO_LIMIT,
    current: NO_LIMIT,
    power: NO_LIMIT,
    fanRpm: undefined,
    clocks: { ai: undefined, axi: undefined, arc: undefined },
    heartbeat: undefined,
    thermalTrips: undefined,
    link: { speed: undefined, maxSpeed: undefined, width: undefined, maxWidth: undefined },
    pcieErrors: [],
    flitCounters: [],
    rejected: [],
    numaNode: undefined,
    ...part,
  };
}

export function memory(part: Partial<MemoryBytes>): MemoryBytes {
  return { ...noMemory(), ...part };
}

export function slot(pid: number, bytes: Partial<MemoryBytes>, part: Partial<RegionSlot> = {}): RegionSlot {
  return { pid, bytes: memory(bytes), lastUpdateSeconds: 1000, name: `name${pid}`, ...part };
}

export function region(
  nameId: bigint,
  totals: Partial<MemoryBytes>,
  slots: readonly RegionSlot[],
  part: Partial<Region> = {},
): RegionReading & { readonly file: FileId } {
  return {
    path: `/dev/shm/tt_device_${nameId}_memory`,
    nameId,
    namespaces: undefined,
    file: { dev: 25, ino: Number(nameId % 1000003n) + 1 },
    fingerprint: 'f',
    attachMark: 'a',
    ownerUid: 0,
    status: 'decoded',
    problem: undefined,
    region: {
      version: 3,
      kernelLayout: false,
      lastUpdateSeconds: 1000,
      boardSerial: 0n,
      asicId: nameId,
      deviceId: 0,
      totals: memory(totals),
      slots,
      slotsUsed: slots.length,
      remoteChips: [],
      disagreement: undefined,
      ...part,
    },
  };
}

export function brokenRegion(nameId: bigint, status: RegionReading['status']): RegionReading {
  const { file, path } = region(nameId, {}, []);
  return {
    path,
    nameId,
    namespaces: undefined,
    file,
    fingerprint: undefined,
    attachMark: undefined,
    ownerUid: undefined,
    status,
    problem: 'broken',
    region: undefined,
  };
}

export function hostProcess(pid: number, part: Partial<HostProcess> = {}): HostProcess {
  return {
    pid,
    parentPid: 1,
    startTimeSeconds: 500,
    comm: `comm${pid}`,
    namespacePids: [pid],
    mountNamespace: undefined,
    uid: undefined,
    cgroup: { unit: undefined, containerId: undefined, podUid: undefined, slurmJobId: undefined },
    ...part,
  };
}

export interface ProcfsParts {
  readonly processes?: readonly HostProcess[];
  /** Driver index to host PIDs, one entry a descriptor; 0: of a process that cannot be seen. */
  readonly devices?: Readonly<Record<number, readonly number[]>>;
  /** Regions with their holders. */
  /** `cleared`: set where not everybody was looked through. */
  readonly held?: readonly {
    readonly file: FileId;
    readonly pids: readonly number[];
    readonly cleared?: readonly number[];
  }[];
  readonly missingRights?: readonly string[];
}

export function procfs(parts: ProcfsParts): ProcfsReading {
  const devices = new Map<number, { descriptors: number; invisible: number; byPid: Map<number, number> }>();
  for (const [index, pids] of Object.entries(parts.devices ?? {})) {
    const byPid = new Map<number, number>();
    for (const pid of pids) if (pid !== 0) byPid.set(pid, (byPid.get(pid) ?? 0) + 1);
    devices.set(Number(index), { descriptors: pids.length, invisible: pids.filter((pid) => pid === 0).length, byPid });
  }
  return {
    processes: new Map((parts.processes ?? []).map((process) => [process.pid, process])),
    devices,
    allDevices: false,
    files: new Map(
      (parts.held ?? []).map(({ file, pids, cleared }) => [
        fileKey(file),
        cleared === undefined ? { pids, complete: true } : { pids, complete: false, cleared },
      ]),
    ),
    missingRights: parts.missingRights ?? [],
  };
}

export function serverDevice(id: number, totals: Partial<MemoryBytes>, part: Partial<ServerDevice> = {}): ServerDevice {
  return {
    id,
    capacity: { dramBytes: undefined, l1Bytes: undefined, l1BytesPerCore: undefined, arch: undefined },
    totals: memory(totals),
    ring: undefined,
    processes: undefined,
    counters: undefined,
    peakBytes: undefined,
    largestFreeBlockBytes: undefined,
    lastFailedAllocationBytes: undefined,
    lastUpdateSeconds: undefined,
    ...part,
  };
}

/** A process that reports to a server with the extension. */
export function serverProcess(
  hostPid: number | undefined,
  bytes: Partial<MemoryBytes>,
  part: Partial<ServerProcess> = {},
): ServerProcess {
  return {
    reportedPid: hostPid ?? 0,
    hostPid,
    startTimeSeconds: undefined,
    bytes: memory(bytes),
    hostBytes: undefined,
    liveBuffers: memory({}),
    oldestBufferSeconds: undefined,
    lastActivitySeconds: undefined,
    cbMaxCoreBytes: undefined,
    partial: false,
    ...part,
  };
}

export function server(
  devices: readonly ServerDevice[],
  part: Partial<AllocationServerReading> = {},
): AllocationServerReading {
  return {
    status: 'up',
    dialect: 'C',
    extension: undefined,
    startTimeSeconds: undefined,
    devices,
    endedProcesses: [],
    watchedChips: [],
    messages: undefined,
    rejectedMessages: undefined,
    connections: undefined,
    ...part,
  };
}
