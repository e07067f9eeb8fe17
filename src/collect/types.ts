import type { Snapshot } from '../snapshot/snapshot.ts';

export type MemorySourceChoice = 'auto' | 'allocation-server' | 'shared-memory';

/**
 * How much is said of single processes. `workload`: sums by workload, and of single ones only those proven gone that
 * leaked; `none`: not these either.
 */
export type ProcessDetail = 'pid' | 'workload' | 'none';

/** What the reading side needs to know, all of it from flags. Plain data: it is handed to the reader's process as JSON. */
export interface CollectorConfig {
  readonly sysfsPath: string;
  /** Whether the driver's PCIe counters are counted, which needs a reading every second. */
  readonly pcieCounters: boolean;
  readonly procfsPath: string;
  readonly shmPath: string;
  /** The kubelet's log folders: names of pods. */
  readonly podLogsPath: string;
  /** The kubelet's PodResources API; undefined: not asked. */
  readonly podResourcesSocket: string | undefined;
  readonly socketPath: string;
  /** A further user (name or number) whose socket is believed, beside root and the exporter's own. */
  readonly socketOwner: string | undefined;
  /** Enabled collectors by name. */
  readonly collectors: readonly string[];
  readonly memorySource: MemorySourceChoice;
  readonly processDetail: ProcessDetail;
  /** Whether the users of processes are shown. */
  readonly processUser: boolean;
  /** How many processes a device shows one by one; 0: all. */
  readonly maxProcesses: number;
  readonly capacityConfigFile: string | undefined;
  readonly devicesExpected: number | undefined;
  readonly maintenanceFile: string | undefined;
}

export interface CollectRequest {
  /** Which of the enabled collectors; undefined: all of them. */
  readonly collectors: readonly string[] | undefined;
  /** On the clock of performance.now(). The answer comes by then, with what is there. */
  readonly deadlineAt: number;
}

export type ReloadResult = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** Reads the sources and joins them. Requests at the same time share one collection, each with its own deadline and filter. */
export interface Collector {
  /** Never rejects: what failed is in the snapshot. */
  collect(request: CollectRequest): Promise<Snapshot>;
  /** Re-reads the files that the flags name; the last good ones stay where a new one is bad. */
  reload(): Promise<ReloadResult>;
  close(): Promise<void>;
}
