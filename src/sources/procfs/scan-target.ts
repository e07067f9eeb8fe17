import { fileKey } from '../source.ts';
import { OpenFiles } from './open-files.ts';
import type { DeviceMatch } from './device-link.ts';
import type { WantedFile } from '../source.ts';

/** What a scan looks for. */
export interface ScanTarget {
  /** Wanted files by key. */
  readonly files: ReadonlyMap<string, WantedFile>;
  /** Their inode numbers. */
  readonly inodes: ReadonlySet<number>;
  /** Keys of the files that name a PID: whoever sees itself as that PID has its mappings read. */
  readonly filesByWriter: ReadonlyMap<number, readonly string[]>;
  /** Set where devices are to be found by descriptors too. */
  readonly devices: DeviceMatch | undefined;
  readonly openFiles: OpenFiles;
}

/** `real`: what is scanned is a procfs of the kernel. */
export function scanTarget(wanted: readonly WantedFile[], real: boolean, devices?: DeviceMatch): ScanTarget {
  const files = new Map(wanted.map((file) => [fileKey(file.file), file]));
  const inodes = new Set(wanted.map(({ file }) => file.ino));
  let byWriter: ReadonlyMap<number, readonly string[]> | undefined;
  return {
    files,
    inodes,
    // Most runs look through nobody.
    get filesByWriter() {
      return (byWriter ??= keysByWriter(files));
    },
    devices,
    openFiles: new OpenFiles(real),
  };
}

function keysByWriter(files: ReadonlyMap<string, WantedFile>): Map<number, string[]> {
  const byWriter = new Map<number, string[]>();
  for (const [key, { writerPids }] of files) {
    for (const pid of writerPids) {
      const keys = byWriter.get(pid);
      if (keys === undefined) byWriter.set(pid, [key]);
      else keys.push(key);
    }
  }
  return byWriter;
}
