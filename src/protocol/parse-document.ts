import { DocumentError, JsonFields } from './json-fields.ts';
import { parseDevice } from './parse-document-device.ts';
import { byType, defined, MAX_TEXT } from './parse-document-parts.ts';
import { parseEndedRegions, parseRegions } from './parse-document-regions.ts';
import { MAX_DOCUMENT_BYTES, SNAPSHOT_SCHEMA } from './snapshot-document.ts';
import type { DocumentEndedProcess, DocumentServer, SnapshotDocument } from './snapshot-document.ts';

/** Names in the counters by message and by reason become label values: few and short. */
const MAX_COUNTER_NAMES = 256;
const MAX_NAME = 64;

/**
 * The document in these bytes, checked field by field. Throws DocumentError naming the path of what is wrong; fields
 * that the schema does not have are passed over.
 */
export function parseDocument(bytes: Uint8Array): SnapshotDocument {
  if (bytes.length > MAX_DOCUMENT_BYTES) {
    throw new DocumentError('', `has ${bytes.length} bytes, where ${MAX_DOCUMENT_BYTES} are the most`);
  }
  const fields = new JsonFields(parseJson(bytes), '');
  const schema = fields.integer('schema', 1, Number.MAX_SAFE_INTEGER);
  const minReader = fields.integer('minReader', 1, schema);
  if (minReader > SNAPSHOT_SCHEMA) {
    throw new DocumentError('minReader', `is ${minReader}, and this reader knows ${SNAPSHOT_SCHEMA}: upgrade it`);
  }
  const devices = fields.list('devices').map(parseDevice);
  refuseTwice('devices', devices);
  return {
    schema,
    minReader,
    ...defined('takenSeconds', fields.optionalSeconds('takenSeconds')),
    server: parseServer(fields),
    devices,
    endedProcesses: fields.list('endedProcesses').map(parseEnded),
    ...defined('regions', parseRegions(fields)),
  };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new DocumentError('', 'is no JSON in UTF-8', { cause: error });
  }
}

function refuseTwice(path: string, devices: readonly { readonly id: number }[]): void {
  const seen = new Set<number>();
  for (const [index, { id }] of devices.entries()) {
    if (seen.has(id)) throw new DocumentError(`${path}[${index}].id`, `${id} is there twice`);
    seen.add(id);
  }
}

function parseServer(document: JsonFields): DocumentServer {
  const server = document.optionalObject('server');
  if (server === undefined) throw new DocumentError('server', 'is missing');
  return {
    version: server.text('version', MAX_NAME),
    startSeconds: server.seconds('startSeconds'),
    messages: counters(server, 'messages'),
    rejectedMessages: counters(server, 'rejectedMessages'),
    ...(server.raw('doubtfulMessages') !== undefined && { doubtfulMessages: counters(server, 'doubtfulMessages') }),
    ...defined('connections', server.optionalCount('connections')),
    ...defined('reclaimedBytes', server.optionalCount('reclaimedBytes')),
    ...defined('reclaimedBuffers', server.optionalCount('reclaimedBuffers')),
  };
}

function counters(server: JsonFields, name: string): Record<string, number> {
  const fields = server.optionalObject(name);
  const names = fields?.names() ?? [];
  if (fields === undefined) return {};
  if (names.length > MAX_COUNTER_NAMES) {
    throw new DocumentError(server.path(name), `has more than ${MAX_COUNTER_NAMES} names`);
  }
  if (names.some((each) => each.length > MAX_NAME)) {
    throw new DocumentError(server.path(name), `has a name of more than ${MAX_NAME} characters`);
  }
  return Object.fromEntries(names.map((each) => [each, fields.count(each)]));
}

function parseEnded(ended: JsonFields, index: number): DocumentEndedProcess {
  const devices = ended.list('devices').map((device) => ({
    id: device.integer('id', 0, 2 ** 31 - 1),
    peakBytes: byType(device, 'peakBytes'),
    heldBytes: byType(device, 'heldBytes'),
  }));
  refuseTwice(`endedProcesses[${index}].devices`, devices);
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
