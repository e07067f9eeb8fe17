import { isFailure, readLinkText } from './proc-files.ts';

/**
 * Inode number of the mount namespace of the process with this folder (/proc/<pid>), which names it while it exists;
 * undefined where it may not be read (it takes the right to trace the process) or is not there.
 */
export function mountNamespaceOf(folder: string): number | undefined {
  const text = readLinkText(`${folder}/ns/mnt`);
  const inode = isFailure(text) ? undefined : /^mnt:\[(\d{1,15})\]$/.exec(text)?.[1];
  return inode === undefined ? undefined : Number(inode);
}
