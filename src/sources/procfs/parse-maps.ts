import { encodeDevice } from './device-number.ts';
import { fileKey } from '../source.ts';

// address perms offset major:minor inode path. The kernel escapes newlines in the path: no line can be forged.
const MAPPING = /^[0-9a-f]+-[0-9a-f]+ \S{4} [0-9a-f]+ ([0-9a-f]{1,3}):([0-9a-f]{1,5}) (\d+)(?: |$)/;

/**
 * The file behind a line of /proc/<pid>/maps, as fileKey() has it; undefined for memory with no file. The device is in
 * hexadecimal, and on tmpfs the same as st_dev (on btrfs and overlayfs it need not be).
 */
export function mappedFileKey(line: string): string | undefined {
  const match = MAPPING.exec(line);
  if (match === null) return undefined;
  const [, major = '', minor = '', inode = ''] = match;
  const ino = Number(inode);
  if (ino === 0) return undefined;
  return fileKey({ dev: encodeDevice(Number.parseInt(major, 16), Number.parseInt(minor, 16)), ino });
}
