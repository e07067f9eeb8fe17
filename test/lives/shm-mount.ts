import { closeSync, existsSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { findMount } from '../../src/sources/mount-info.ts';

/** The machine's own /dev/shm as the kernel's list has it. */
export interface ShmMount {
  readonly id: number;
  /** Its line of mountinfo. */
  readonly line: string;
}

/** undefined where /dev/shm is no tmpfs of its own: then no region can be shown to be in another mount namespace. */
export function findShmMount(): ShmMount | undefined {
  const id = mountIdOf('/dev/shm');
  const lines = readFileSync('/proc/self/mountinfo', 'latin1').split('\n');
  const line = lines.find((text) => text.startsWith(`${id} `));
  const isTmpfs = line?.split(' ')[4] === '/dev/shm' && findMount(line, id)?.type === 'tmpfs';
  return line !== undefined && isTmpfs ? { id, line } : undefined;
}

/** Several may lie upon each other: only a descriptor tells which is in use. -1: there is no such folder. */
function mountIdOf(folder: string): number {
  if (!existsSync(folder)) return -1;
  const descriptor = openSync(folder, 'r');
  try {
    const text = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1');
    return Number(/^mnt_id:\s(\d+)$/m.exec(text)?.[1] ?? -1);
  } finally {
    closeSync(descriptor);
  }
}

/** Of the program that looks, so of the host too. */
export function ownMountNamespace(): string {
  return readlinkSync('/proc/self/ns/mnt');
}
