import { DocumentError, JsonFields } from './json-fields.ts';
import { byType, defined, MAX_TEXT, parseCounters, parseDeviceCounters } from './parse-document-parts.ts';
import type { DocumentDevice, DocumentProcess } from './snapshot-document.ts';

const MAX_NAME = 64;

/** What the schema has of a device, but for its processes. */
export const DEVICE_MEMBERS: readonly (keyof DocumentDevice)[] = [
  'id',
  'architecture',
  'capacity',
  'ring',
  'liveBytes',
  'liveBuffers',
  'peakBytes',
  'counters',
  'largestFreeBlockBytes',
  'lastFailedAllocationBytes',
  'lastUpdateSeconds',
];

/** And of each of these. */
export const PROCESS_MEMBERS: readonly (keyof DocumentProcess)[] = [
  'pid',
  'hostPid',
  'startSeconds',
  'comm',
  'partial',
  'liveBytes',
  'liveBuffers',
  'peakBytes',
  'counters',
  'oldestBufferSeconds',
  'lastActivitySeconds',
  'cbMaxCoreBytes',
  'cbCores',
];

/** One device of the document. Throws DocumentError. */
export function parseDevice(device: JsonFields, processes: readonly DocumentProcess[]): DocumentDevice {
  if (device.raw('liveBytes') === undefined) throw new DocumentError(device.path('liveBytes'), 'is missing');
  const none = new JsonFields({}, device.path('counters'));
  return {
    id: device.integer('id', 0, 2 ** 31 - 1),
    ...defined('architecture', device.optionalText('architecture', MAX_NAME)),
    capacity: parseCapacity(device),
    ...defined('ring', parseRing(device)),
    liveBytes: byType(device, 'liveBytes'),
    liveBuffers: byType(device, 'liveBuffers'),
    peakBytes: byType(device, 'peakBytes'),
    counters: parseDeviceCounters(device.optionalObject('counters') ?? none),
    largestFreeBlockBytes: byType(device, 'largestFreeBlockBytes'),
    lastFailedAllocationBytes: byType(device, 'lastFailedAllocationBytes'),
    ...defined('lastUpdateSeconds', device.optionalSeconds('lastUpdateSeconds')),
    processes,
  };
}

function parseCapacity(device: JsonFields): DocumentDevice['capacity'] {
  const capacity = device.optionalObject('capacity');
  return {
    ...defined('dramBytes', capacity?.optionalCount('dramBytes')),
    ...defined('l1Bytes', capacity?.optionalCount('l1Bytes')),
    ...defined('l1BytesPerCore', capacity?.optionalCount('l1BytesPerCore')),
  };
}

function parseRing(device: JsonFields): DocumentDevice['ring'] {
  const ring = device.optionalObject('ring');
  if (ring === undefined) return undefined;
  return {
    capacityBytes: ring.count('capacityBytes'),
    usedBytes: ring.count('usedBytes'),
    programs: ring.count('programs'),
  };
}

/** What one process holds on a device. Throws DocumentError. */
export function parseProcess(process: JsonFields): DocumentProcess {
  const counters = process.optionalObject('counters');
  if (process.raw('liveBytes') === undefined) throw new DocumentError(process.path('liveBytes'), 'is missing');
  return {
    pid: process.integer('pid', -(2 ** 31), 2 ** 31 - 1),
    ...defined('hostPid', process.optionalInteger('hostPid', 1, 2 ** 31 - 1)),
    ...defined('startSeconds', process.optionalSeconds('startSeconds')),
    ...defined('comm', process.optionalText('comm', MAX_TEXT)),
    partial: process.boolean('partial'),
    liveBytes: byType(process, 'liveBytes'),
    liveBuffers: byType(process, 'liveBuffers'),
    peakBytes: byType(process, 'peakBytes'),
    ...defined('counters', counters && parseCounters(counters)),
    ...defined('oldestBufferSeconds', process.optionalSeconds('oldestBufferSeconds')),
    ...defined('lastActivitySeconds', process.optionalSeconds('lastActivitySeconds')),
    ...defined('cbMaxCoreBytes', process.optionalCount('cbMaxCoreBytes')),
    ...defined('cbCores', parseCores(process)),
  };
}

function parseCores(process: JsonFields): DocumentProcess['cbCores'] {
  if (process.raw('cbCores') === undefined) return undefined;
  return process.list('cbCores').map((core) => ({
    x: core.integer('x', 0, 0xffff),
    y: core.integer('y', 0, 0xffff),
    bytes: core.count('bytes'),
  }));
}
