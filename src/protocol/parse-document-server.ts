import { DocumentError } from './json-fields.ts';
import type { JsonFields } from './json-fields.ts';
import { defined } from './parse-document-parts.ts';
import type { DocumentServer } from './snapshot-document.ts';

/** Names in the counters by message and by reason become label values: few and short. */
const MAX_COUNTER_NAMES = 256;
const MAX_NAME = 64;

/** What the document says of the server itself. Throws DocumentError. */
export function parseServer(document: JsonFields): DocumentServer {
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
