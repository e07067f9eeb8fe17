import type { JsonFields } from './json-fields.ts';
import { byType, defined, MAX_TEXT, refuseTwice } from './parse-document-parts.ts';
import { parseEndedRegions } from './parse-document-regions.ts';
import type { DocumentEndedProcess } from './snapshot-document.ts';

/** What the schema has of a process that has ended. */
export const ENDED_MEMBERS: readonly (keyof DocumentEndedProcess)[] = [
  'pid',
  'hostPid',
  'startSeconds',
  'endedSeconds',
  'comm',
  'containerId',
  'podUid',
  'slurmJobId',
  'unit',
  'devices',
  'regions',
];

/** One process that has ended. Throws DocumentError. */
export function parseEnded(ended: JsonFields): DocumentEndedProcess {
  const devices = ended.list('devices').map((device) => ({
    id: device.integer('id', 0, 2 ** 31 - 1),
    peakBytes: byType(device, 'peakBytes'),
    heldBytes: byType(device, 'heldBytes'),
  }));
  refuseTwice(ended.path('devices'), devices);
  return {
    pid: ended.integer('pid', -(2 ** 31), 2 ** 31 - 1),
    ...defined('hostPid', ended.optionalInteger('hostPid', 1, 2 ** 31 - 1)),
    ...defined('startSeconds', ended.optionalSeconds('startSeconds')),
    ...defined('endedSeconds', ended.optionalSeconds('endedSeconds')),
    ...defined('comm', ended.optionalText('comm', MAX_TEXT)),
    ...defined('containerId', ended.optionalText('containerId', MAX_TEXT)),
    ...defined('podUid', ended.optionalText('podUid', MAX_TEXT)),
    ...defined('slurmJobId', ended.optionalText('slurmJobId', MAX_TEXT)),
    ...defined('unit', ended.optionalText('unit', MAX_TEXT)),
    devices,
    ...defined('regions', parseEndedRegions(ended)),
  };
}
