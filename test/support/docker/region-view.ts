import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Where the host sees the region of a chip in a process's own /dev/shm. */
export function regionThroughRoot(pid: number, chipId: bigint): string {
  return `/proc/${pid}/root/dev/shm/tt_device_${chipId}_memory`;
}

export interface SeenSlot {
  readonly pid: number;
  readonly dram: number;
  readonly l1: number;
  readonly name: string;
}

/** The used slots of a region of layout 2 to 4: 64 of 120 bytes, from byte 856 on (TT-Metal: memory_stats_shm.hpp). */
export function usedSlots(path: string): SeenSlot[] {
  const bytes = readFileSync(path);
  return Array.from({ length: 64 }, (_, index) => bytes.subarray(856 + 120 * index, 976 + 120 * index))
    .filter((slot) => slot.readInt32LE(0) !== 0)
    .map((slot) => ({
      pid: slot.readInt32LE(0),
      dram: Number(slot.readBigUInt64LE(8)),
      l1: Number(slot.readBigUInt64LE(16)),
      name: slot.toString('latin1', 56, 120).replace(/\0.*$/s, ''),
    }));
}

/** What a process's descriptors link to, as its own mount namespace calls it. */
export function openFiles(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((descriptor) => {
    try {
      return [readlinkSync(join(folder, descriptor))];
    } catch {
      // It has closed meanwhile.
      return [];
    }
  });
}

/** The processes of this host that have a file system mounted at /dev/shm, by its device number as stat gives it. */
export function processesWithShm(device: number): number[] {
  const number = `${device >>> 8}:${device & 0xff}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => mountsOf(name).some((line) => line.split(' ')[2] === number && line.includes(' /dev/shm ')))
    .map(Number);
}

function mountsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n');
  } catch {
    return [];
  }
}
