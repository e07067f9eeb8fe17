import { opendirSync } from 'node:fs';
import { DESCRIPTOR_INFO_BYTES, parseDescriptorInfo } from '../descriptor-info.ts';
import { isFailure, readLinkText, readSmallFile } from '../procfs/proc-files.ts';
import { regionNameId } from './list.ts';
import { TenantError } from './tenant-error.ts';
import type { Dir } from 'node:fs';
import type { DescriptorInfo } from '../descriptor-info.ts';
import type { Pace } from '../procfs/pace.ts';

/** A descriptor of a process whose link has the name of a region. */
export interface HeldLink {
  /** /proc/<pid>/fd/<n>. */
  readonly path: string;
  readonly nameId: bigint;
  readonly info: DescriptorInfo;
}

/** TT-Metal opens its regions early, so their numbers are low; a tenant may have a million others. */
const MAX_DESCRIPTORS = 4096;

/**
 * The descriptors of a process that look like regions, also of files that have been deleted. Only the kernel's text is
 * read: nothing is opened, and no filesystem is asked. Throws what opendir throws, and TenantError where the deadline
 * comes first.
 */
export async function heldLinks(process: string, pace: Pace): Promise<HeldLink[]> {
  const links: HeldLink[] = [];
  const folder = opendirSync(`${process}/fd`, { bufferSize: 256 });
  try {
    for (let taken = 0; taken < MAX_DESCRIPTORS; taken++) {
      if (pace.due() && !(await pace.rest())) {
        throw new TenantError('deadline', `${process}/fd was not looked through in time`);
      }
      const link = nextLink(folder, process);
      if (link === undefined) break;
      if (link !== 'other') links.push(link);
    }
  } finally {
    folder.closeSync();
  }
  return links;
}

function nextLink(folder: Dir, process: string): HeldLink | 'other' | undefined {
  const entry = folder.readSync();
  if (entry === null) return undefined;
  const path = `${process}/fd/${entry.name}`;
  const text = readLinkText(path);
  const nameId = isFailure(text) ? undefined : linkNameId(text);
  if (nameId === undefined) return 'other';
  const bytes = readSmallFile(`${process}/fdinfo/${entry.name}`, DESCRIPTOR_INFO_BYTES);
  const info = isFailure(bytes) ? undefined : parseDescriptorInfo(bytes.toString('latin1'));
  return info === undefined ? 'other' : { path, nameId, info };
}

function linkNameId(text: string): bigint | undefined {
  if (!text.includes('tt_device_')) return undefined;
  return regionNameId(text.slice(text.lastIndexOf('/') + 1).replace(/ \(deleted\)$/, ''));
}
