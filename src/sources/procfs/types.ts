/** A process as the host sees it. */
export interface HostProcess {
  readonly pid: number;
  /** Field 4 of /proc/<pid>/stat: a fork()ed child holds what its parent opened. 0 where it is unknown. */
  readonly parentPid: number;
  /** Seconds since the epoch, from field 22 of /proc/<pid>/stat and btime of /proc/stat. */
  readonly startTimeSeconds: number | undefined;
  /** Printable, at most 15 bytes as the kernel keeps it. */
  readonly comm: string;
  /** The `NSpid:` line: the PID in each nested namespace, outermost first; the last is what the process itself sees. */
  readonly namespacePids: readonly number[];
  /** Inode number of its mount namespace; undefined where it may not be known. */
  readonly mountNamespace: number | undefined;
  /** The real uid, as this process's user namespace has it: whose process it is, whatever it may act as. */
  readonly uid: number | undefined;
  readonly cgroup: ProcessGroup;
}

/** Whose process it is, as its cgroup path tells. */
export interface ProcessGroup {
  readonly unit: string | undefined;
  readonly containerId: string | undefined;
  readonly podUid: string | undefined;
  readonly slurmJobId: string | undefined;
}

/** Who has /dev/tenstorrent/N open. */
export interface DeviceHolders {
  /** Open descriptors in all. */
  readonly descriptors: number;
  /** Open descriptors of processes that this PID namespace cannot see (the driver prints 0 for them). */
  readonly invisible: number;
  /** Open descriptors by host PID. */
  readonly byPid: ReadonlyMap<number, number>;
}

/** Who has a wanted file open or mapped: host PIDs, each once, ascending. */
export type FileHolders = CompleteHolders | PartialHolders;

/**
 * The scan saw every descriptor of every process from the initial PID namespace, and the maps of every process that could
 * be a writer: a writer that is not among `pids` is gone.
 */
export interface CompleteHolders {
  readonly pids: readonly number[];
  readonly complete: true;
}

/** Not everybody could be looked through. */
export interface PartialHolders {
  readonly pids: readonly number[];
  readonly complete: false;
  /** Holders of devices that were: they have a number that the file names, and do not hold it. */
  readonly cleared: readonly number[];
}

export interface ProcfsReading {
  /** By host PID: every process that holds a device or a wanted file. */
  readonly processes: ReadonlyMap<number, HostProcess>;
  /** By N of /dev/tenstorrent/N. */
  readonly devices: ReadonlyMap<number, DeviceHolders>;
  /** Nobody has a device open that is not in `devices`: every process was looked through. */
  readonly allDevices: boolean;
  /** By fileKey(). */
  readonly files: ReadonlyMap<string, FileHolders>;
  /** Rights that a complete scan would need and this process lacks: `host_pid_namespace`, `CAP_SYS_PTRACE`, `CAP_DAC_READ_SEARCH`. */
  readonly missingRights: readonly string[];
}
