import { KeptTexts } from '../../io/kept-texts.ts';
import { DriverVersionReader } from '../sysfs/driver-version.ts';
import { DeviceHoldersReader } from './device-holders.ts';
import { FileHolderFinder } from './file-holders.ts';
import { ProcessTable, STAT_BYTES } from './processes.ts';
import { ProcfsRun } from './run.ts';
import type { LaneReader } from '../../io/lanes.ts';
import type { ProcfsReading } from './types.ts';
import type { Source } from '../source.ts';

export interface ProcfsOptions {
  /** Where procfs is: /proc. */
  readonly path: string;
  /** Where sysfs is: /sys. The driver's version there tells whose PIDs it lists; without it they are believed. */
  readonly sysfsPath?: string;
  /** Reads the driver's files, which may block. Whoever made it closes it. */
  readonly lanes: LaneReader;
}

/** Descriptors of processes' stat that are kept: those of four processes a chip of the largest host. */
const MAX_KEPT = 128;

/**
 * The source that tells who holds which device and which region, and who these processes are. It opens no device, no
 * region and nothing that a process holds.
 */
export function createProcfsSource({ path, sysfsPath, lanes }: ProcfsOptions): Source<ProcfsReading> {
  const stats = new KeptTexts(MAX_KEPT, STAT_BYTES);
  const table = new ProcessTable(path, undefined, stats);
  const finder = new FileHolderFinder(path, table);
  const holders = new DeviceHoldersReader(path, lanes);
  const versions = sysfsPath === undefined ? undefined : new DriverVersionReader(sysfsPath);
  return {
    name: 'procfs',
    start: (context) => new ProcfsRun({ root: path, versions, holders, table, finder }, context),
    close: () => {
      versions?.close();
      stats.close();
      return Promise.resolve();
    },
  };
}
