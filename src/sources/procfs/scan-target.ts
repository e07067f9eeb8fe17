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
  const files = new Map<string, WantedFile>();
  const filesByWriter = new Map<number, string[]>();
  for (const file of wanted) {
    const key = fileKey(file.file);
    files.set(key, file);
    for (const pid of file.writerPids) {
      const keys = filesByWriter.get(pid);
      if (keys === undefined) filesByWriter.set(pid, [key]);
      else keys.push(key);
    }
  }
  const inodes = new Set(wanted.map(({ file }) => file.ino));
  return { files, inodes, filesByWriter, devices, openFiles: new OpenFiles(real) };
}
