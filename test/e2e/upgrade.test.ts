import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { encodeDocument } from '../../src/protocol/encode-document.ts';
import { EXTENSION_BUFFER_ID } from '../../src/protocol/extension.ts';
import { startExtensionServer } from '../../src/simulator/extension-server.ts';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { FULL_DOCUMENT } from '../protocol/documents.ts';
import { eventually } from '../support/eventually.ts';
import { startExporter } from '../support/start-exporter.ts';
import type { RunningExporter } from '../support/start-exporter.ts';

type Json = Record<string, unknown>;
interface JsonDocument extends Json {
  readonly devices: readonly (Json & { readonly processes: readonly Json[] })[];
}

const TODAY = JSON.parse(encodeDocument(FULL_DOCUMENT).toString()) as JsonDocument;

/** Of the release before: of devices and processes only what they must have. */
function ofBefore(): Json {
  const devices = TODAY.devices.map(({ id, liveBytes, processes }) => ({
    id,
    liveBytes,
    processes: processes.map((process) => ({
      pid: process['pid'],
      hostPid: process['hostPid'],
      partial: process['partial'],
      liveBytes: process['liveBytes'],
    })),
  }));
  return { schema: 1, minReader: 1, server: {}, devices };
}

/** Of the release after: a later schema, with fields and kinds of memory that nobody knows yet. */
function ofAfter(): Json {
  const devices = TODAY.devices.map((device) => ({
    ...device,
    later: [1, { two: null }],
    liveBytes: { ...(device['liveBytes'] as Json), later_memory: 77 },
    processes: device.processes.map((process) => ({ ...process, later: 'x' })),
  }));
  return { ...TODAY, schema: 2, later: {}, devices };
}

const MEMORY = [
  'tt_dram_allocated_bytes{device="0",pid="4242",type="dram"} 4096',
  'tt_l1_unattributed_bytes{device="0",type="l1"} 2048',
  'tt_l1_unattributed_bytes{device="0",type="l1_small"} 32',
  'tt_l1_unattributed_bytes{device="0",type="cb"} 128',
  'tt_l1_unattributed_bytes{device="0",type="kernel"} 16',
  'tt_dram_unattributed_bytes{device="0",type="dram"} 0',
  'tt_dram_unattributed_bytes{device="0",type="trace"} 64',
];

describe('while the allocation server is upgraded', () => {
  let host: SimulatedHost;
  let exporter: RunningExporter;
  before(async () => {
    host = await createSimulatedHost('n150');
    exporter = await startExporter(host.flags());
  });
  after(async () => {
    await exporter.stop();
    await host.close();
  });

  let starts = 1000;
  /** The memory that the page shows of a server with this document, which no server before it had. */
  async function memoryOf(document: Json, bufferId = EXTENSION_BUFFER_ID): Promise<string[]> {
    const startSeconds = ++starts;
    const server = { version: '1', messages: {}, rejectedMessages: {}, startSeconds };
    const bytes = Buffer.from(JSON.stringify({ ...document, server }));
    const startedAt = BigInt(startSeconds) * 1_000_000_000n;
    const running = await startExtensionServer({ path: host.socket, document: bytes, startedAt, bufferId });
    try {
      return await eventually('the page to show the server', async () => {
        const { body } = await exporter.scrape();
        if (!body.includes(`\ntt_allocation_server_start_time_seconds ${startSeconds}\n`)) return false;
        return body.match(/^tt_(?:dram|l1)_(?:allocated|unattributed)_bytes\{.*$/gm) ?? [];
      });
    } finally {
      await running.close();
    }
  }

  it('the exporter shows the same memory of the release before, of today and of the one after, back and forth', async () => {
    assert.deepEqual(await memoryOf(TODAY), MEMORY);
    assert.deepEqual(await memoryOf(ofBefore()), MEMORY);
    assert.deepEqual(await memoryOf(ofAfter(), EXTENSION_BUFFER_ID + 1n), MEMORY);
    assert.deepEqual(await memoryOf(TODAY), MEMORY);
  });

  it('the exporter says that it is too old where it is, and goes on when the server is taken back', async () => {
    const document = Buffer.from(JSON.stringify({ ...TODAY, schema: 9, minReader: 2 }));
    const server = await startExtensionServer({ path: host.socket, document, startedAt: 1n });
    try {
      await eventually('the refusal', async () => {
        const { body } = await exporter.scrape();
        return body.includes('\ntt_allocation_server_up 0\n') && !body.includes('tt_dram_allocated_bytes{');
      });
      await exporter.waitForLine(/minReader: is 2, and this reader knows 1: upgrade it/);
    } finally {
      await server.close();
    }
    assert.deepEqual(await memoryOf(TODAY), MEMORY);
  });
});
