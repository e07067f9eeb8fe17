import { DocumentError } from './json-fields.ts';
import type { JsonFields } from './json-fields.ts';
import { byType, defined } from './parse-document-parts.ts';
import type { DocumentEndedProcess, DocumentRegion, DocumentRegionProcess } from './snapshot-document.ts';

const MAX_DIGITS = 20;
const LARGEST_ID = 2n ** 64n - 1n;

/** What a server has seen in shared memory regions; undefined where it watches none. Throws DocumentError. */
export function parseRegions(document: JsonFields): readonly DocumentRegion[] | undefined {
  if (document.raw('regions') === undefined) return undefined;
  return document.list('regions').map((region) => ({
    chipId: parseChipId(region),
    peakBytes: byType(region, 'peakBytes'),
    ...defined('lastUpdateSeconds', region.optionalSeconds('lastUpdateSeconds')),
    processes: region.list('processes').map(parseProcess),
  }));
}

/** The same of a process that has ended. */
export function parseEndedRegions(ended: JsonFields): DocumentEndedProcess['regions'] {
  if (ended.raw('regions') === undefined) return undefined;
  return ended.list('regions').map((region) => ({
    chipId: parseChipId(region),
    peakBytes: byType(region, 'peakBytes'),
    heldBytes: byType(region, 'heldBytes'),
  }));
}

function parseProcess(process: JsonFields): DocumentRegionProcess {
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
