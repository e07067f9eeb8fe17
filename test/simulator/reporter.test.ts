import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { decodeReport } from '../../src/protocol/decode-report.ts';
import { FrameSplitter } from '../../src/protocol/framing.ts';
import type { Report } from '../../src/protocol/reports.ts';
import { connectReporter } from '../../src/simulator/reporter.ts';
import { newScene, until } from '../sources/allocation-server/support.ts';

describe('a simulated application', () => {
  it('reports in whole frames, in order, with the time', async (t) => {
    const scene = await newScene(t);
    const splitter = new FrameSplitter(144);
    const reports: Report[] = [];
    const server = createServer((socket) => {
      socket.on('data', (chunk: Buffer) => {
        for (const frame of splitter.push(chunk)) reports.push(decodeReport('C', frame));
      });
    }).listen(scene.path);
    await once(server, 'listening');
    const before = BigInt(Date.now()) * 1_000_000n;
    const reporter = await connectReporter(scene.path, 'C');
    const of = { pid: 5, device: 3, id: 9n };
    reporter.alloc({ ...of, type: 'L1_SMALL', size: 10 });
    reporter.free(of);
    reporter.cbAlloc({ ...of, size: 11 });
    reporter.cbFree({ ...of, size: 11 });
    reporter.kernelLoad({ ...of, size: 12, kind: 'FABRIC' });
    reporter.kernelUnload({ ...of, size: 12 });
    reporter.report({
      kind: 'alloc_failed',
      deviceId: 3,
      processId: 5,
      timestamp: 1n,
      bufferType: 1,
      size: 2,
      largestFreeBlock: 1,
    });
    await reporter.close();
    await until(() => reports.length === 7, 'the reports');
    server.close();
    await once(server, 'close');
    const is = { deviceId: 3, processId: 5, bufferId: 9n };
    const untimed = reports.map((report) => {
      if (!('timestamp' in report) || report.kind === 'alloc_failed') return report;
      assert.ok(report.timestamp >= before && report.timestamp <= BigInt(Date.now()) * 1_000_000n);
      return { ...report, timestamp: 0n };
    });
    assert.deepEqual(untimed, [
      { kind: 'alloc', ...is, bufferType: 3, size: 10, timestamp: 0n },
      { kind: 'free', ...is },
      { kind: 'cb_alloc', ...is, size: 11, timestamp: 0n },
      { kind: 'cb_free', ...is, size: 11 },
      { kind: 'kernel_load', ...is, size: 12, kernelKind: 1, timestamp: 0n },
      { kind: 'kernel_unload', ...is, size: 12 },
      { kind: 'alloc_failed', deviceId: 3, processId: 5, timestamp: 1n, bufferType: 1, size: 2, largestFreeBlock: 1 },
    ]);
  });

  it('says at flush() that the server has gone, and can be closed all the same', async (t) => {
    const scene = await newScene(t);
    const accepted: Socket[] = [];
    const server = createServer((socket) => accepted.push(socket)).listen(scene.path);
    await once(server, 'listening');
    const reporter = await connectReporter(scene.path, 'A');
    await until(() => accepted.length === 1, 'the connection');
    accepted[0]?.destroy();
    server.close();
    await once(server, 'close');
    reporter.free({ pid: 1, device: 0, id: 1n });
    await assert.rejects(reporter.flush());
    await reporter.close();
  });
});
