import { DocumentError } from './json-fields.ts';
import type { JsonFields } from './json-fields.ts';
import { JsonPieces } from './json-pieces.ts';
import type { PieceShape } from './json-pieces.ts';
import { DEVICE_MEMBERS, parseDevice, parseProcess, PROCESS_MEMBERS } from './parse-document-device.ts';
import { ENDED_MEMBERS, parseEnded } from './parse-document-ended.ts';
import { defined, refuseTwice } from './parse-document-parts.ts';
import { parseRegion, parseRegionProcess, REGION_MEMBERS, REGION_PROCESS_MEMBERS } from './parse-document-regions.ts';
import { parseServer } from './parse-document-server.ts';
import { MAX_DOCUMENT_BYTES, MAX_ENTRIES, SNAPSHOT_SCHEMA } from './snapshot-document.ts';
import type {
  DocumentDevice,
  DocumentEndedProcess,
  DocumentProcess,
  DocumentRegion,
  DocumentRegionProcess,
  SnapshotDocument,
} from './snapshot-document.ts';

export interface ParseOptions {
  /** Fields of processes that nobody wants to know: they are passed over unread. Default: none. */
  readonly without?: readonly (keyof DocumentProcess)[];
}

/**
 * Takes a document as its bytes come, and checks it field by field; fields that the schema does not have are passed
 * over. Its methods throw DocumentError naming the path of what is wrong. Whatever comes, it takes little memory.
 */
export class DocumentParser {
  readonly #pieces: JsonPieces;
  readonly #entries = { devices: 0, processes: 0, regions: 0, regionProcesses: 0 };
  #endedHoldings = 0;
  #leftOut = 0;
  readonly #devices: DocumentDevice[] = [];
  readonly #ended: DocumentEndedProcess[] = [];
  readonly #regions: DocumentRegion[] = [];
  /** Those of the device, or of the region, that has not ended. */
  #processes: DocumentProcess[] = [];
  #writers: DocumentRegionProcess[] = [];
  #bytes = 0;
  #document: SnapshotDocument | undefined;

  constructor({ without = [] }: ParseOptions = {}) {
    const wanted = PROCESS_MEMBERS.filter((name) => !without.includes(name));
    const process = shape(wanted, (fields) => {
      this.#count('processes');
      this.#processes.push(parseProcess(fields));
    });
    const writer = shape(REGION_PROCESS_MEMBERS, (fields) => {
      this.#count('regionProcesses');
      this.#writers.push(parseRegionProcess(fields));
    });
    const lists = {
      devices: shape(DEVICE_MEMBERS, this.#takeDevice.bind(this), { processes: process }),
      endedProcesses: shape(ENDED_MEMBERS, this.#takeEnded.bind(this)),
      regions: shape(REGION_MEMBERS, this.#takeRegion.bind(this), { processes: writer }),
    };
    const members = ['schema', 'minReader', 'takenSeconds', 'server'];
    this.#pieces = new JsonPieces(shape(members, this.#takeDocument.bind(this), lists));
  }

  push(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > MAX_DOCUMENT_BYTES) {
      throw new DocumentError('', `has ${this.#bytes} bytes, where ${MAX_DOCUMENT_BYTES} are the most`);
    }
    this.#pieces.push(bytes);
  }

  /** How many processes that have ended are left out, because there are too many. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** The whole document: nothing more comes. */
  end(): SnapshotDocument {
    this.#pieces.end();
    if (this.#document === undefined) throw new DocumentError('', 'is no JSON in UTF-8');
    return this.#document;
  }

  #takeDevice(fields: JsonFields): void {
    this.#count('devices');
    this.#devices.push(parseDevice(fields, this.#processes));
    this.#processes = [];
  }

  #takeEnded(fields: JsonFields): void {
    if (this.#ended.length === 0) refuseLater(this.#pieces.soFar());
    const ended = parseEnded(fields);
    this.#ended.push(ended);
    this.#endedHoldings += holdingsOf(ended);
    while (this.#ended.length > MAX_ENTRIES.endedProcesses || this.#endedHoldings > MAX_ENTRIES.endedHoldings) {
      const oldest = this.#ended.shift();
      this.#endedHoldings -= oldest === undefined ? 0 : holdingsOf(oldest);
      this.#leftOut++;
    }
  }

  #takeRegion(fields: JsonFields): void {
    this.#count('regions');
    this.#regions.push(parseRegion(fields, this.#writers));
    this.#writers = [];
  }

  #takeDocument(fields: JsonFields, lists: ReadonlySet<string>): void {
    const versions = parseVersions(fields);
    refuseTwice('devices', this.#devices);
    this.#document = {
      ...versions,
      ...defined('takenSeconds', fields.optionalSeconds('takenSeconds')),
      server: parseServer(fields),
      devices: this.#devices,
      endedProcesses: this.#ended,
      ...(lists.has('regions') && { regions: this.#regions }),
    };
  }

  #count(name: 'devices' | 'processes' | 'regions' | 'regionProcesses'): void {
    // A document for later readers is to be refused as such, not for what an entry of it looks like.
    if (this.#entries[name] === 0) refuseLater(this.#pieces.soFar());
    this.#entries[name]++;
    if (this.#entries[name] > MAX_ENTRIES[name]) {
      throw new DocumentError('', `has more than ${MAX_ENTRIES[name]} ${name}, which are the most`);
    }
  }
}

function holdingsOf({ devices, regions }: DocumentEndedProcess): number {
  return devices.length + (regions?.length ?? 0);
}

function shape(
  members: readonly string[],
  take: PieceShape['take'],
  lists: Readonly<Record<string, PieceShape>> = {},
): PieceShape {
  return { members: new Set(members), take, lists: new Map(Object.entries(lists)) };
}

function parseVersions(fields: JsonFields): Pick<SnapshotDocument, 'schema' | 'minReader'> {
  const schema = fields.integer('schema', 1, Number.MAX_SAFE_INTEGER);
  const minReader = fields.integer('minReader', 1, schema);
  refuseLater(fields);
  return { schema, minReader };
}

function refuseLater(fields: JsonFields): void {
  const minReader = fields.optionalInteger('minReader', 1, Number.MAX_SAFE_INTEGER) ?? SNAPSHOT_SCHEMA;
  if (minReader <= SNAPSHOT_SCHEMA) return;
  throw new DocumentError('minReader', `is ${minReader}, and this reader knows ${SNAPSHOT_SCHEMA}: upgrade it`);
}
