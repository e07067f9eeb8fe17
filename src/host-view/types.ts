import type { MemoryBytes } from '../snapshot/memory-types.ts';
import type { TrackerState, WorkloadKind } from '../snapshot/snapshot.ts';
import type { CardState, SensorReading } from '../sources/sysfs/types.ts';

/**
 * What people look at: chips and processes of a host, from a snapshot or from another exporter's page. Base units,
 * `undefined` where unknown.
 */
export interface HostView {
  /** Seconds since the epoch; of a page, when it was asked for. */
  readonly takenAtSeconds: number;
  readonly driverVersion: string | undefined;
  readonly devicesExpected: number | undefined;
  readonly maintenance: boolean | undefined;
  readonly chips: readonly ChipView[];
  /** In the order of their labels. */
  readonly processes: readonly ProcessView[];
  readonly missingRights: readonly string[];
  /** Collectors that failed or were not done in time. */
  readonly failedCollectors: readonly string[];
}

export interface MemoryUse {
  /** Sum of the types that are known; undefined where none is. */
  readonly usedBytes: number | undefined;
  readonly capacityBytes: number | undefined;
}

export interface ChipView {
  /** The value of the metrics' `device` label. */
  readonly device: string;
  readonly board: string | undefined;
  readonly arch: string | undefined;
  /** 16 hexadecimal digits. */
  readonly serial: string | undefined;
  readonly pciAddress: string | undefined;
  /** For a remote chip the chip it is reached through. */
  readonly gateway: string | undefined;
  /** undefined for a chip that is not on PCIe, and where it cannot be told. */
  readonly state: CardState | undefined;
  /** Degrees Celsius. */
  readonly temperature: SensorReading;
  /** Watts. */
  readonly power: SensorReading;
  /** Of the AI clock. */
  readonly clockHertz: number | undefined;
  readonly dram: MemoryUse;
  readonly l1: MemoryUse;
  readonly totals: Readonly<MemoryBytes>;
  /** What no process is charged with. */
  readonly unattributed: Readonly<MemoryBytes>;
  /** Whether it can be proven that an owner is gone. */
  readonly orphansKnown: boolean;
  /** The tracker whose numbers are shown. */
  readonly tracker: { readonly source: string; readonly version: string } | undefined;
  readonly trackerStates: readonly { readonly source: string; readonly state: TrackerState }[];
  /** Open descriptors of the chip, and those of processes that cannot be seen. */
  readonly holders: { readonly descriptors: number; readonly invisible: number } | undefined;
}

export interface ProcessView {
  /** The value of the metrics' `pid` label. */
  readonly pid: string;
  /** '' where it is not known. */
  readonly name: string;
  readonly owner: OwnerView;
  /** '' where users are not shown. */
  readonly user: string;
  readonly alive: boolean | undefined;
  readonly startTimeSeconds: number | undefined;
  readonly chips: readonly ProcessChipView[];
}

export interface OwnerView {
  readonly kind: WorkloadKind;
  /** Pod as namespace/name, Slurm job, container id, unit; '' for `none`. */
  readonly name: string;
}

/** A process on a chip. */
export interface ProcessChipView {
  readonly device: string;
  readonly bytes: Readonly<MemoryBytes>;
  /** Proven: the process is gone and these bytes are leaked. */
  readonly orphaned: boolean;
  /** Open descriptors of the chip; undefined where it holds none that can be seen. */
  readonly descriptors: number | undefined;
}

/** Where views come from: this host, or another exporter. */
export interface HostSource {
  /** Rejects with an error of one line where nothing could be had. */
  read(): Promise<HostView>;
  close(): Promise<void>;
  /** Whether a blocked read keeps the process from ending. */
  stuck(): boolean;
}
