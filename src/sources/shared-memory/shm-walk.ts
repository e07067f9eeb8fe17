import { constants, statfsSync } from 'node:fs';
import { findMount, isOrdinary, parseMounts, shmMounts } from '../mount-info.ts';
import { readMountText } from '../procfs/mount-text.ts';
import { GONE, isFailure } from '../procfs/proc-files.ts';
import { mountIdOf, O_PATH, through, withOpen } from './pinned.ts';
import { TenantError } from './tenant-error.ts';
import type { Mount, ShmMounts } from '../mount-info.ts';

/** f_type of tmpfs (linux: include/uapi/linux/magic.h). */
const TMPFS_MAGIC = 0x01021994;

const FOLDER = O_PATH | constants.O_DIRECTORY;
/** A link in its last part fails with ENOTDIR. */
const NEXT_FOLDER = FOLDER | constants.O_NOFOLLOW;

/** A tenant's /dev/shm that may be walked to. */
export interface ShmPlan {
  /** /proc/<pid> of the process whose root it is in. */
  readonly process: string;
  /** The list of mounts as it was read. */
  readonly text: string;
  readonly mounts: ShmMounts;
  readonly shm: Mount;
}

/** Which part of which tmpfs a mount shows: the same for all containers that share it. */
export function directoryKey({ device, root }: Mount): string {
  return `${device} ${root}`;
}

/**
 * What the kernel says of a process's /dev/shm, before anything of it is touched. undefined where the process has ended
 * or has no mount there. Throws TenantError where the way to it leads through a filesystem on which somebody's server
 * could make a look-up wait.
 */
export function planShm(process: string): ShmPlan | undefined {
  const text = readMountText(process);
  if (text === GONE) return undefined;
  if (isFailure(text)) throw new TenantError('unreadable', `${process}/mountinfo cannot be read`);
  const mounts = shmMounts(parseMounts(text));
  if (mounts?.shm === undefined) return undefined;
  const { path, shm } = mounts;
  const strange = path.find(({ type }) => !isOrdinary(type));
  const place = `${process}/root${shm.point}`;
  if (strange !== undefined) {
    const message = `${place} is not looked into: ${strange.type} is mounted at ${strange.point}, where a look-up may wait for somebody's server`;
    throw new TenantError('untrusted', message);
  }
  if (shm.type !== 'tmpfs') {
    throw new TenantError('untrusted', `${place} is not looked into: it is no tmpfs but ${shm.type}`);
  }
  return { process, text, mounts, shm };
}

/** A tenant's /dev/shm that is held by a descriptor, and is the tmpfs that the kernel's list shows. */
export interface ShmFolder {
  readonly descriptor: number;
  readonly mount: Mount;
}

/**
 * Walks from a process's root to its /dev/shm, a step at a time, follows no link, and calls `use` with the folder. Each
 * step must end on a mount that the plan has: whoever mounts something else meanwhile is found out before it is asked
 * anything. Rejects with TenantError, or with what a call of the system gives.
 */
export async function walkToShm<T>(plan: ShmPlan, use: (folder: ShmFolder) => Promise<T>): Promise<T> {
  const points = (descriptor: number, ...allowed: string[]) => {
    const id = mountIdOf(descriptor);
    const mount = plan.mounts.path.find((candidate) => candidate.id === id);
    if (mount === undefined || !allowed.includes(mount.point)) throw moved(plan);
  };
  return withOpen(`${plan.process}/root`, FOLDER, (root) => {
    points(root, '/');
    return withOpen(through(root, 'dev'), NEXT_FOLDER, (dev) => {
      points(dev, '/', '/dev');
      return withOpen(through(dev, 'shm'), NEXT_FOLDER, (shm) => {
        points(shm, '/dev/shm');
        return use({ descriptor: shm, mount: mustBeTmpfs(plan, shm) });
      });
    });
  });
}

/** While the descriptor is open its mount's id is nobody else's, so what is read now is said of this mount. */
function mustBeTmpfs(plan: ShmPlan, descriptor: number): Mount {
  const mount = tmpfsBehind(plan.process, descriptor);
  if (mount === undefined || mount.device !== plan.shm.device) throw moved(plan);
  // A tmpfs answers this without a lock that a tenant could hold.
  if (statfsSync(through(descriptor)).type !== TMPFS_MAGIC) throw moved(plan);
  return mount;
}

/** The mount behind a descriptor of this program, if the process's list has it as a tmpfs. Asks no filesystem. */
export function tmpfsBehind(process: string, descriptor: number): Mount | undefined {
  const id = mountIdOf(descriptor);
  const text = readMountText(process);
  const mount = id === undefined || isFailure(text) ? undefined : findMount(text, id);
  return mount?.type === 'tmpfs' ? mount : undefined;
}

function moved({ process, shm }: ShmPlan): TenantError {
  return new TenantError(
    'untrusted',
    `${process}/root${shm.point} is not looked into: its mounts change under the look-up`,
  );
}
