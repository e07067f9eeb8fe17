import type { Outcome } from '../sources/source.ts';
import type { ServerDeviceCounters } from '../sources/allocation-server/types.ts';
import type { Card, CardState } from '../sources/sysfs/types.ts';
import type { MemoryBytes, MemoryType } from './memory-types.ts';

/**
 * The state of a chip's tracker: the worst of its regions, worst first. `absent`: there is no region, which never means
 * that no memory is in use.
 */
export const TRACKER_STATES = [
  'unreadable',
  'unsupported',
  'untrusted',
  'ghost',
  'unverifiable',
  'partial',
  'initializing',
  'live',
  'idle',
  'absent',
] as const;
export type TrackerState = (typeof TRACKER_STATES)[number];

/**
 * Whose a process's memory is, most specific first; a process counts for the first that applies. `none`: nobody's that is
 * known. A Slurm job comes before a container, which in a job is only how it runs.
 */
export const WORKLOAD_KINDS = ['pod', 'slurm_job', 'container', 'unit', 'none'] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** Everything that one collection found, joined: plain data in base units, `undefined` where unknown. */
export interface Snapshot {
  /** Seconds since the epoch. */
  readonly takenAtSeconds: number;
  readonly driverVersion: string | undefined;
  readonly devicesExpected: number | undefined;
  readonly maintenance: boolean | undefined;
  /** Chips by state, of the functions on the bus; undefined where sysfs was not read. */
  readonly devicesByState: Readonly<Record<CardState, number>> | undefined;
  /** Devices left out of this answer because a read of theirs is blocked; undefined where sysfs was not read. */
  readonly devicesSkipped: number | undefined;
  readonly missingRights: readonly string[];
  readonly devices: readonly DeviceSnapshot[];
  /** One for each pid label that occurs, no two with the same. */
  readonly processes: readonly ProcessSnapshot[];
  /** Processes that are part of `other` on at least one device. */
  readonly processesFolded: number;
  readonly allocationServer: AllocationServerSnapshot | undefined;
  readonly collectors: readonly CollectorSnapshot[];
  /** Since the program started, so that the counter is one. */
  readonly readErrors: readonly { readonly collector: string; readonly reason: string; readonly count: number }[];
}

export interface CollectorSnapshot {
  readonly name: string;
  /** `running`: it was not done when this scrape's deadline came. */
  readonly outcome: Outcome | 'running';
  readonly durationSeconds: number;
}

/** A chip: one on PCIe, a remote one behind it, or a region that no card explains. */
export interface DeviceSnapshot {
  /** The value of the `device` label. */
  readonly label: string;
  /** The function on the bus; undefined for a remote or unresolved chip. */
  readonly card: Card | undefined;
  /** For a remote chip the label of the chip it is reached through. */
  readonly gateway: string | undefined;
  /** TT-Metal's logical number, where it is known. */
  readonly logicalId: number | undefined;
  /** The chip's unique id as the regions' names have it. */
  readonly chipId: bigint | undefined;
  /** Position of the ASIC on its board. */
  readonly location: number | undefined;
  readonly board: string | undefined;
  readonly serial: bigint | undefined;
  readonly arch: string | undefined;
  readonly capacity: DeviceCapacity;
  readonly estimates: Readonly<MemoryEstimates>;
  readonly memory: DeviceMemory | undefined;
  /** One for each tracker that was asked. */
  readonly trackers: readonly TrackerStatus[];
  /** How many regions are in each state; undefined where regions were not read. */
  readonly regions: ReadonlyMap<TrackerState, number> | undefined;
  /** Process slots in use, of 64; the largest of its regions. */
  readonly regionSlotsUsed: number | undefined;
  /** Who has the chip open, by pid label; undefined where that could not be read. `byPid` is empty where pids are not shown. */
  readonly holders: DeviceHoldersSnapshot | undefined;
}

export interface DeviceHoldersSnapshot {
  readonly descriptors: number;
  readonly invisible: number;
  readonly byPid: readonly { readonly pid: string; readonly descriptors: number }[];
}

export interface DeviceCapacity {
  readonly dramBytes: number | undefined;
  readonly l1Bytes: number | undefined;
  /** L1 less what firmware and the kernel-config ring reserve on each core: an estimate. */
  readonly l1AllocatableBytes: number | undefined;
  readonly source: 'config' | 'allocation_server' | 'board_table' | undefined;
  /** Tensix cores after harvesting. */
  readonly cores: number | undefined;
}

/** For what no tracker counts on this chip; a tracked type is undefined here. */
export interface MemoryEstimates {
  readonly cb: number | undefined;
  readonly kernel: number | undefined;
  readonly firmware: number | undefined;
}

export interface TrackerStatus {
  readonly source: string;
  readonly state: TrackerState;
  readonly lastUpdateSeconds: number | undefined;
}

/** A chip's memory from the one tracker that was chosen for it. */
export interface DeviceMemory {
  readonly source: string;
  /** The server's dialect or the region's layout. */
  readonly version: string;
  readonly totals: Readonly<MemoryBytes>;
  /** undefined where the tracker gives totals only, or pids are not shown. One entry a pid label, in the tracker's order. */
  readonly processes: readonly ProcessMemory[] | undefined;
  /** The same bytes by workload, of all processes, folded ones too; undefined where the tracker gives totals only. */
  readonly workloads: readonly WorkloadMemory[] | undefined;
  /** max(0, total less the sum over processes), by type; a type is undefined where either is. */
  readonly unattributed: Readonly<MemoryBytes>;
  /** Owners proven gone: []: it can be proven and there is none. undefined: it cannot be proven. */
  readonly orphaned: readonly { readonly pid: string; readonly bytes: Readonly<MemoryBytes> }[] | undefined;
  /** Of dialect C. */
  readonly ring: { readonly capacityBytes: number; readonly usedBytes: number; readonly programs: number } | undefined;
  /** Only from a server with the extension. */
  readonly counters: ServerDeviceCounters | undefined;
  readonly peakBytes: Readonly<MemoryBytes> | undefined;
  readonly largestFreeBlockBytes: Readonly<MemoryBytes> | undefined;
  readonly lastFailedAllocationBytes: Readonly<MemoryBytes> | undefined;
}

export interface ProcessMemory {
  /** The value of the `pid` label. */
  readonly pid: string;
  readonly bytes: Readonly<MemoryBytes>;
  /** The rest only from a server with the extension. */
  readonly detail: ProcessMemoryDetail | undefined;
}

/** One for each kind and name. */
export interface WorkloadMemory {
  readonly kind: WorkloadKind;
  /** Pod UID, Slurm job, container id, unit; '' for `none`. */
  readonly workload: string;
  readonly bytes: Readonly<MemoryBytes>;
}

export interface ProcessMemoryDetail {
  readonly hostBytes: number | undefined;
  readonly liveBuffers: Readonly<MemoryBytes>;
  readonly oldestBufferSeconds: number | undefined;
  readonly lastActivitySeconds: number | undefined;
  readonly cbMaxCoreBytes: number | undefined;
}

/** Everything about a process but its bytes. Text is printable and bounded; '' where unknown. */
export interface ProcessSnapshot {
  /** The value of the `pid` label: decimal host PID, `?<pid>`, or `other`. */
  readonly pid: string;
  /** What the process itself sees; '' where it is the same or unknown. */
  readonly namespacePid: string;
  readonly comm: string;
  readonly unit: string;
  readonly containerId: string;
  readonly podUid: string;
  readonly podName: string;
  readonly podNamespace: string;
  readonly containerName: string;
  readonly slurmJobId: string;
  /** Name, or uid where it has none; '' where users are not shown. */
  readonly user: string;
  /** undefined where it cannot be known. */
  readonly alive: boolean | undefined;
  readonly startTimeSeconds: number | undefined;
}

export interface AllocationServerSnapshot {
  readonly up: boolean;
  readonly dialect: string;
  readonly extension: string;
  readonly startTimeSeconds: number | undefined;
  readonly messages: ReadonlyMap<string, number> | undefined;
  readonly rejectedMessages: ReadonlyMap<string, number> | undefined;
  readonly connections: number | undefined;
  readonly endedProcesses: readonly EndedProcessSnapshot[];
}

export interface EndedProcessSnapshot {
  readonly pid: string;
  readonly comm: string;
  readonly containerId: string;
  readonly podUid: string;
  readonly slurmJobId: string;
  readonly unit: string;
  readonly peaks: readonly { readonly device: string; readonly type: MemoryType; readonly bytes: number }[];
}
