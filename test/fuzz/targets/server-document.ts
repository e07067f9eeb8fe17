import assert from 'node:assert/strict';
import { encodeDeviceInfoResponse } from '../../../src/protocol/answers.ts';
import { encodeDocument, encodeSnapshotResponse } from '../../../src/protocol/encode-document.ts';
import { EXTENSION_BUFFER_ID } from '../../../src/protocol/extension.ts';
import { DocumentError } from '../../../src/protocol/json-fields.ts';
import { ALL_DEVICES } from '../../../src/protocol/messages.ts';
import { DocumentParser } from '../../../src/protocol/parse-document.ts';
import { DOCUMENT_TYPES } from '../../../src/protocol/snapshot-document.ts';
import type { SnapshotDocument } from '../../../src/protocol/snapshot-document.ts';
import { allDevicesFields } from '../../../src/simulator/stock-device-info.ts';
import type { FuzzTarget } from '../engine/target.ts';
import { pieces } from '../oracles/byte-source.ts';
import { readAnswers } from './server-answers.ts';

const STARTED_AT = 1_789_999_000_000_000_000n;

/** The document of a server with the extension, whose header always fits, to the page. */
export const SERVER_DOCUMENT: FuzzTarget = {
  name: 'server-document',
  seeds: () => [encodeDocument(richDocument()), encodeDocument({ ...richDocument(), devices: [], endedProcesses: [] })],
  tokens: [
    ...[
      '"devices":[',
      '"id":0',
      '"processes":[',
      '"pid":1',
      '"hostPid":1',
      '"liveBytes":{',
      '"counters":{',
      'null',
      '[]',
    ],
    ...[
      '{}',
      '1e400',
      '"18446744073709551615"',
      '"chipId":"',
      '"__proto__":',
      '"comm":"\\u0000\\ud800"',
      '"regions":[',
    ],
    ...DOCUMENT_TYPES.map((type) => `"${type}":1`),
  ],
  maxBytes: 16_384,
  async run(input) {
    checkParser(input);
    await readAnswers('C', 0, Buffer.concat([announcement(), encodeSnapshotResponse(input, STARTED_AT)]));
  },
};

/** However a document is cut, it means the same; and what is taken of it is what JSON.parse finds. */
function checkParser(input: Buffer): void {
  const parsed = parse([input]);
  for (const cut of [1, 7]) assert.deepEqual(parse(pieces(input, cut)), parsed, `cut by ${cut}`);
  if (typeof parsed === 'string') return;
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(input));
  } catch {
    // What nobody wants is passed over, whatever it is.
    return;
  }
  const { devices = [] } = json as { devices?: { id: number; processes?: { pid: number }[] }[] };
  assert.deepEqual(
    parsed.devices.map(({ id, processes }) => [id, processes.map(({ pid }) => pid)]),
    devices.map(({ id, processes = [] }) => [id, processes.map(({ pid }) => pid)]),
  );
}

/** The document, or why it is refused. */
function parse(parts: readonly Buffer[]): SnapshotDocument | string {
  try {
    const parser = new DocumentParser();
    for (const part of parts) parser.push(part);
    return parser.end();
  } catch (error) {
    if (error instanceof DocumentError) return error.message;
    throw error;
  }
}

function announcement(): Buffer {
  const told = { announcement: { bufferId: EXTENSION_BUFFER_ID, timestamp: STARTED_AT } };
  return encodeDeviceInfoResponse('C', ALL_DEVICES, allDevicesFields(1), told);
}

function richDocument(): SnapshotDocument {
  const bytes = { dram: 1024, trace: 1, l1: 512, l1_small: 2, cb: 64, kernel: 3, host: 4096 };
  return {
    schema: 1,
    minReader: 1,
    takenSeconds: 1_790_000_000.5,
    server: {
      version: '1.2.3',
      startSeconds: 1_789_999_000,
      messages: { ALLOC: 12, FREE: 2 ** 60 },
      rejectedMessages: { 'bad "type"\n': 1 },
      doubtfulMessages: { late: 2 },
      connections: 3,
      reclaimedBytes: 4096,
      reclaimedBuffers: 1,
    },
    devices: [
      {
        id: 0,
        liveBytes: bytes,
        processes: [{ pid: 1, hostPid: 4242, liveBytes: bytes, liveBuffers: bytes }],
        counters: { allocations: bytes, frees: bytes, allocatedBytes: bytes, freedBytes: bytes },
      },
    ],
    endedProcesses: [{ pid: 7, comm: 'a "b" \\ \n', devices: [{ id: 0, peakBytes: bytes, heldBytes: bytes }] }],
    regions: [
      {
        chipId: '72059269368820857',
        peakBytes: bytes,
        processes: [{ pid: 17, hostPid: 17, liveBytes: bytes, peakBytes: bytes }],
      },
    ],
  } as unknown as SnapshotDocument;
}
