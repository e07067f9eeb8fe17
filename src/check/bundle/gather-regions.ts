import { lstatSync } from 'node:fs';
import { fileKey } from '../../sources/source.ts';
import type { RegionReading, SharedMemoryReading } from '../../sources/shared-memory/types.ts';
import type { BundledRegion } from './manifest.ts';
import { redactRegion } from './redact-region.ts';
import type { Redaction } from './redaction.ts';
import type { TreeRecord } from './tree-record.ts';

/** The host's own are where they were; those of containers in a folder for each of their mount namespaces. */
const OWN_FOLDER = 'dev/shm';
const PRIVATE_FOLDER = 'private-shm';

/**
 * Puts the regions into the tree: the bytes that the collection got, with other names. Gives what else there is to say of
 * each, by the region's file where it is known.
 */
export function gatherRegions(
  reading: SharedMemoryReading | undefined,
  bytes: ReadonlyMap<string, Buffer>,
  tree: TreeRecord,
  redaction: Redaction,
): BundledRegion[] {
  return (reading?.regions ?? []).map((region) => {
    const path = bundledPath(region, redaction);
    const read = bytes.get(region.path);
    if (read !== undefined) tree.put(path, redactRegion(read, redaction));
    else if (region.status === 'unreadable') tree.faults.push({ path, at: 'open', code: 'EACCES' });
    const { file, ownerUid, namespaces } = region;
    return {
      ...{ path, ownerUid, namespaces, status: region.status },
      file: file === undefined ? undefined : fileKey(file),
      shape: read === undefined ? shapeOf(region.path) : 'region',
    };
  });
}

/** `tt_device_<number>_memory`, with the other number. */
export function redactRegionName(nameId: bigint, { chips }: Redaction): string {
  return `tt_device_${chips.chip(nameId)}_memory`;
}

function bundledPath(region: RegionReading, redaction: Redaction): string {
  const folder = region.namespaces === undefined ? OWN_FOLDER : `${PRIVATE_FOLDER}/${region.namespaces[0] ?? 0}`;
  return `${folder}/${redactRegionName(region.nameId, redaction)}`;
}

function shapeOf(path: string): BundledRegion['shape'] {
  try {
    const stats = lstatSync(path);
    return stats.isFile() && stats.nlink === 1 ? 'file' : 'other';
  } catch {
    return 'other';
  }
}
