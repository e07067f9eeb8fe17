import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeSnapshotHeader } from '../../../src/protocol/answers.ts';
import { encodeDocument, encodeSnapshotResponse } from '../../../src/protocol/encode-document.ts';
import { EXTENSION_BUFFER_ID } from '../../../src/protocol/extension.ts';
import { MESSAGE } from '../../../src/protocol/messages.ts';
import { MAX_DOCUMENT_BYTES } from '../../../src/protocol/snapshot-document.ts';
import type { SnapshotDocument } from '../../../src/protocol/snapshot-document.ts';
import { startExtensionServer } from '../../../src/simulator/extension-server.ts';
import type { ExtensionServer, ExtensionServerOptions } from '../../../src/simulator/extension-server.ts';
import { noMemory } from '../../../src/snapshot/memory-types.ts';
import { FULL_DOCUMENT, SMALL_DOCUMENT } from '../../protocol/documents.ts';
import { SHORT, newScene, openDescriptors, reasons, scrape, until } from './support.ts';
import type { Scene } from './support.ts';

async function serve(scene: Scene, options: Partial<ExtensionServerOptions>): Promise<ExtensionServer> {
  const document = encodeDocument(FULL_DOCUMENT);
  const server = await startExtensionServer({
    path: scene.path,
    document,
    startedAt: 1_700_000_000n * 10n ** 9n,
    ...options,
  });
  scene.defer(() => server.close());
  return server;
}

function serveDocument(scene: Scene, document: SnapshotDocument): Promise<ExtensionServer> {
  return serve(scene, { document: encodeDocument(document) });
}

const none = noMemory();

/** What a reading has of FULL_DOCUMENT. */
const FULL_READING = {
  status: 'up',
  dialect: 'C',
  extension: 1,
  startTimeSeconds: 1_700_000_000.5,
  devices: [
    {
      id: 0,
      capacity: { dramBytes: 12 * 2 ** 30, l1Bytes: 95_944_704, l1BytesPerCore: 1_499_136, arch: 'wormhole' },
      totals: { dram: 4096, trace: 64, l1: 2048, l1_small: 32, cb: 128, kernel: 16 },
      ring: { capacityBytes: 68_000, usedBytes: 1000, programs: 2 },
      processes: [
        {
          reportedPid: 17,
          hostPid: 4242,
          startTimeSeconds: 1_700_000_001,
          bytes: { ...none, dram: 4096 },
          hostBytes: 8192,
          liveBuffers: { ...none, dram: 1 },
          oldestBufferSeconds: 1_700_000_050,
          lastActivitySeconds: 1_700_000_090,
          cbMaxCoreBytes: 128,
          partial: true,
        },
      ],
      counters: {
        allocations: { ...none, dram: 3, l1: 2 },
        frees: { ...none, dram: 2 },
        allocatedBytes: { ...none, dram: 9000, l1: 2048 },
        freedBytes: { ...none, dram: 4904 },
        reclaimedBytes: { ...none, dram: 100 },
        allocationFailures: { ...none, l1: 1 },
      },
      peakBytes: { ...none, dram: 8192, l1: 4096 },
      largestFreeBlockBytes: { ...none, dram: 2 ** 30, l1: 512 },
      lastFailedAllocationBytes: { ...none, l1: 2 ** 40 },
      lastUpdateSeconds: 1_700_000_090,
    },
    {
      id: 1,
      capacity: { dramBytes: undefined, l1Bytes: undefined, l1BytesPerCore: undefined, arch: undefined },
      totals: none,
      ring: undefined,
      processes: [],
      counters: {
        allocations: none,
        frees: none,
        allocatedBytes: none,
        freedBytes: none,
        reclaimedBytes: none,
        allocationFailures: none,
      },
      peakBytes: none,
      largestFreeBlockBytes: none,
      lastFailedAllocationBytes: none,
      lastUpdateSeconds: undefined,
    },
  ],
  endedProcesses: [
    {
      reportedPid: 99,
      hostPid: 5000,
      startTimeSeconds: 1_700_000_002,
      comm: 'python3',
      endedSeconds: 1_700_000_080,
      containerId: 'c0ffee',
      podUid: 'pod-1',
      slurmJobId: '77',
      unit: 'job.service',
      devices: [
        { id: 0, peakBytes: { ...none, dram: 5000 } },
        { id: 1, peakBytes: none },
      ],
      regions: [{ chipId: 2n ** 64n - 1n, peakBytes: { ...none, l1: 300 } }],
    },
  ],
  watchedChips: [
    { chipId: 7n, peakBytes: { ...none, dram: 900 }, lastActivitySeconds: new Map([[4242, 1_700_000_050.5]]) },
  ],
  messages: new Map([
    ['ALLOC', 12],
    ['FREE', 5],
  ]),
  rejectedMessages: new Map([['unknown_type', 1]]),
  connections: 3,
};

describe('a server with the extension', () => {
  it('is asked for its document, and for nothing else', async (t) => {
    const scene = await newScene(t);
    const server = await serve(scene, {});
    const { outcome, data, errors } = await scrape(scene.source());
    assert.deepEqual({ outcome, errors, data }, { outcome: 'ok', errors: [], data: FULL_READING });
    assert.deepEqual([server.asked, server.connections], [[MESSAGE.DEVICE_INFO_QUERY, MESSAGE.SNAPSHOT_QUERY], 2]);
  });

  it('of a later version is asked all the same', async (t) => {
    const scene = await newScene(t);
    await serve(scene, { bufferId: EXTENSION_BUFFER_ID + 2n });
    const { outcome, data } = await scrape(scene.source());
    assert.deepEqual([outcome, data?.extension, data?.devices.length], ['ok', 3, 2]);
  });

  it('gives a document of many megabytes', async (t) => {
    const scene = await newScene(t);
    const [device] = FULL_DOCUMENT.devices;
    const [process] = device?.processes ?? [];
    if (device === undefined || process === undefined) throw new Error('the document has no process');
    const processes = Array.from({ length: 8000 }, (_, index) => ({ ...process, pid: index + 1 }));
    await serveDocument(scene, { ...FULL_DOCUMENT, devices: [{ ...device, processes }] });
    const { outcome, data } = await scrape(scene.source());
    assert.deepEqual([outcome, data?.devices[0]?.processes?.length], ['ok', 8000]);
  });

  it('has its devices sorted, and sizes that cannot be left out and named', async (t) => {
    const scene = await newScene(t);
    const [full, bare] = FULL_DOCUMENT.devices;
    const [process] = full?.processes ?? [];
    if (bare === undefined || process === undefined) throw new Error('the document has no process');
    const huge = 2 ** 60;
    const processes = [{ ...process, liveBytes: { l1: huge, dram: 1, host: huge }, cbMaxCoreBytes: huge }];
    const devices = [
      { ...bare, id: 9, capacity: { dramBytes: huge }, liveBytes: { dram: huge, l1: 5 }, processes },
      { ...bare, id: 3 },
    ];
    await serveDocument(scene, { ...SMALL_DOCUMENT, devices });
    const { outcome, data, errors } = await scrape(scene.source());
    assert.deepEqual([outcome, data?.devices.map(({ id }) => id)], ['ok', [3, 9]]);
    assert.deepEqual(data?.devices[1]?.totals, { ...none, l1: 5 });
    assert.deepEqual(
      data.devices[1].processes?.map(({ bytes }) => bytes),
      [{ ...none, dram: 1 }],
    );
    assert.deepEqual(
      errors.map(({ message }) => message.slice(0, message.indexOf(' is '))),
      [
        'device 9: dramBytes',
        'device 9: liveBytes (dram)',
        'device 9: liveBytes of process 17 (l1)',
        'device 9: liveBytes of process 17 (host)',
        'device 9: cbMaxCoreBytes of process 17',
      ],
    );
  });

  const document = encodeDocument(SMALL_DOCUMENT);
  const FAULTS: readonly [string, Partial<ExtensionServerOptions>, RegExp][] = [
    ['bad_document', { document: Buffer.from('{"schema":1') }, /no JSON/],
    ['bad_document', { document: Buffer.from('{"schema":2,"minReader":2}') }, /minReader/],
    ['bad_document', { document: Buffer.alloc(0) }, /no JSON/],
    [
      'document_too_large',
      { answer: encodeSnapshotHeader(MAX_DOCUMENT_BYTES + 1, 0n) },
      /100663297 bytes, where 100663296 are the most/,
    ],
    ['garbage', { answer: Buffer.alloc(144, 3) }, /not an answer/],
    ['incomplete_answer', { answer: encodeSnapshotResponse(document, 0n).subarray(0, 150) }, /middle of an answer/],
    ['closed_early', { answer: encodeSnapshotHeader(100, 0n) }, /closed after 288 of/],
    ['extra_bytes', { answer: Buffer.concat([encodeSnapshotResponse(document, 0n), Buffer.alloc(1)]) }, /sent/],
  ];

  for (const [index, [reason, options, message]] of FAULTS.entries()) {
    it(`is named ${reason} where its answer is wrong (${index})`, async (t) => {
      const scene = await newScene(t);
      await serve(scene, options);
      const source = scene.source();
      const state = await scrape(source);
      assert.deepEqual([state.outcome, state.data, reasons(state)], ['failed', undefined, [reason]]);
      assert.match(state.errors[0]?.message ?? '', message);
      await until(() => source.parked() === 0, 'the end of the connection');
    });
  }

  it('costs no descriptor, scrape after scrape', async (t) => {
    const scene = await newScene(t);
    await serve(scene, { answer: encodeSnapshotResponse(document, 0n).subarray(0, 150) });
    const source = scene.source();
    await scrape(source, SHORT);
    await until(() => source.parked() === 0, 'the end of the connection');
    const before = await openDescriptors();
    for (let scrapes = 0; scrapes < 20; scrapes++) assert.equal((await scrape(source)).outcome, 'failed');
    await until(async () => source.parked() === 0 && (await openDescriptors()) <= before, 'descriptors closed');
  });
});
