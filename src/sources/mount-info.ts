import { encodeDevice } from './procfs/device-number.ts';

/** A line of /proc/<pid>/mountinfo (linux: Documentation/filesystems/proc.rst, 3.5). */
export interface Mount {
  /** Of all mounts of the host, for as long as it exists; it may come again after that. */
  readonly id: number;
  readonly parent: number;
  /** As st_dev has it; files of btrfs and of some overlays say another one. */
  readonly device: number;
  /** Which folder of the filesystem is mounted, with blanks escaped. */
  readonly root: string;
  /** Where, as seen from the process's root, with blanks escaped. */
  readonly point: string;
  readonly type: string;
}

// id parent major:minor root point options [optional fields] - type source options; blanks are escaped, so none is forged.
const MOUNT = /^(\d{1,10}) (\d{1,10}) (\d{1,4}):(\d{1,7}) (\S+) (\S+) \S+(?: \S+)*? - (\S+) /;

/** Filesystems of the kernel alone: what is asked of them is answered without another program or host. */
const LOCAL = new Set([
  ...['tmpfs', 'devtmpfs', 'ramfs', 'rootfs', 'ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'bcachefs', 'f2fs', 'zfs'],
  ...['squashfs', 'erofs'],
]);

/** Whether the filesystem itself answers, and nobody who could keep the asker waiting. */
export function answersAtOnce(type: string): boolean {
  return LOCAL.has(type);
}

/** The same for the root of a container: an overlay is as good as what is below it, which nothing tells. */
export function isOrdinary(type: string): boolean {
  return type === 'overlay' || answersAtOnce(type);
}

export function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => parseMount(line) ?? []);
}

/** The mount with this id, from the whole text. */
export function findMount(text: string, id: number): Mount | undefined {
  const start = text.startsWith(`${id} `) ? 0 : text.indexOf(`\n${id} `) + 1;
  if (start === 0 && !text.startsWith(`${id} `)) return undefined;
  const end = text.indexOf('\n', start);
  return parseMount(text.slice(start, end < 0 ? undefined : end));
}

function parseMount(line: string): Mount | undefined {
  const match = MOUNT.exec(line);
  if (match === null) return undefined;
  const [, id = '', parent = '', major = '', minor = '', root = '', point = '', type = ''] = match;
  const device = encodeDevice(Number(major), Number(minor));
  return { id: Number(id), parent: Number(parent), device, root, point, type };
}

/** The mounts that a look-up of /dev/shm comes through. */
export interface ShmMounts {
  /** Those that cover /, /dev and /dev/shm, with what they cover there in turn, in order of the look-up. */
  readonly path: readonly Mount[];
  /** The uppermost at /dev/shm; undefined where nothing is mounted there. */
  readonly shm: Mount | undefined;
}

/** Goes the way of the kernel's own look-up; undefined where it is not told what / is (a root that is no mount). */
export function shmMounts(mounts: readonly Mount[]): ShmMounts | undefined {
  const bottom = mounts.find(
    ({ id, parent, point }) =>
      point === '/' && !mounts.some((other) => other.id === parent && other.id !== id && other.point === '/'),
  );
  if (bottom === undefined) return undefined;
  const path = climb(mounts, bottom);
  for (const point of ['/dev', '/dev/shm']) {
    const next = mountedOn(mounts, path.at(-1), point);
    if (next !== undefined) path.push(...climb(mounts, next));
  }
  const last = path.at(-1);
  return { path, shm: last?.point === '/dev/shm' ? last : undefined };
}

/** A mount and those that cover it whole, one upon the other. */
function climb(mounts: readonly Mount[], bottom: Mount): Mount[] {
  const stack = [bottom];
  // No stack is higher than there are mounts.
  while (stack.length <= mounts.length) {
    const next = mountedOn(mounts, stack.at(-1), bottom.point);
    if (next === undefined) break;
    stack.push(next);
  }
  return stack;
}

function mountedOn(mounts: readonly Mount[], below: Mount | undefined, point: string): Mount | undefined {
  return mounts.find((mount) => mount.parent === below?.id && mount.point === point && mount.id !== below.id);
}
