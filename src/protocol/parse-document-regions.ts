import { DocumentError } from './json-fields.ts';
import type { JsonFields } from './json-fields.ts';
import { byType, defined } from './parse-document-parts.ts';
import type { DocumentEndedProcess, DocumentRegion, DocumentRegionProcess } from './snapshot-document.ts';

const MAX_DIGITS = 20;
const LARGEST_ID = 2n ** 64n - 1n;

/** What the schema has of a chip's regions, but for its processes. */
export const REGION_MEMBERS: readonly (keyof DocumentRegion)[] = ['chipId', 'peakBytes', 'lastUpdateSeconds'];

/** And of each of these. */
export const REGION_PROCESS_MEMBERS: readonly (keyof DocumentRegionProcess)[] = [
  'pid',
  'hostPid',
  'startSeconds',
  'liveBytes',
  'peakBytes',
  'lastActivitySeconds',
];

/** What a server has seen in the regions of one chip. Throws DocumentError. */
export function parseRegion(region: JsonFields, processes: readonly DocumentRegionProcess[]): DocumentRegion {
  return {
    chipId: parseChipId(region),
    peakBytes: byType(region, 'peakBytes'),
    ...defined('lastUpdateSeconds', region.optionalSeconds('lastUpdateSeconds')),
    processes,
  };
}

/** What is known from regions of a process that has ended; undefined where nothing is. Throws DocumentError. */
export function parseEndedRegions(ended: JsonFields): DocumentEndedProcess['regions'] {
  if (ended.raw('regions') === undefined) return undefined;
  return ended.list('regions').map((region) => ({
    chipId: parseChipId(region),
    peakBytes: byType(region, 'peakBytes'),
    heldBytes: byType(region, 'heldBytes'),
  }));
}

/** One process of a region. Throws DocumentError. */
export function parseRegionProcess(process: JsonFields): DocumentRegionProcess {
  return {
    pid: process.integer('pid', -(2 ** 31), 2 ** 31 - 1),
    hostPid: process.integer('hostPid', 1, 2 ** 31 - 1),
    ...defined('startSeconds', process.optionalSeconds('startSeconds')),
    liveBytes: byType(process, 'liveBytes'),
    peakBytes: byType(process, 'peakBytes'),
    ...defined('lastActivitySeconds', process.optionalSeconds('lastActivitySeconds')),
  };
}

function parseChipId(region: JsonFields): string {
  const chipId = region.text('chipId', MAX_DIGITS);
  if (!/^(0|[1-9][0-9]*)$/.test(chipId) || BigInt(chipId) > LARGEST_ID) {
    throw new DocumentError(region.path('chipId'), 'is no decimal number of 64 bits');
  }
  return chipId;
}
