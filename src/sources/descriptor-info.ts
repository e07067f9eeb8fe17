/** What is used of /proc/<pid>/fdinfo/<fd> (linux: Documentation/filesystems/proc.rst, 3.8). */
export interface DescriptorInfo {
  readonly mountId: number;
  /** Since Linux 5.14. */
  readonly inode: number | undefined;
}

const MOUNT_ID = /^mnt_id:\s(\d{1,10})$/m;
const INODE = /^ino:\s(\d{1,20})$/m;

/** As much of the file as holds both: some kinds of files have long lists behind them. */
export const DESCRIPTOR_INFO_BYTES = 512;

export function parseDescriptorInfo(text: string): DescriptorInfo | undefined {
  const mountId = MOUNT_ID.exec(text)?.[1];
  const inode = INODE.exec(text)?.[1];
  if (mountId === undefined) return undefined;
  return { mountId: Number(mountId), inode: inode === undefined ? undefined : Number(inode) };
}
