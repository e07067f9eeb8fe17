import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { FRAME_BYTES } from '../../src/protocol/layout.ts';
import { encodeDeviceInfoQuery, encodeDump, encodeProbe, encodeQuery } from '../../src/protocol/requests.ts';
import { connectReporter } from '../../src/simulator/reporter.ts';
import { N150, newScene, until } from '../sources/allocation-server/support.ts';

const MONSTER = 2n ** 64n - 1n;

async function connect(path: string): Promise<Socket> {
  const socket = createConnection({ path, allowHalfOpen: true }).on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Sends, shuts the sending side, and reads to the end. */
async function ask(path: string, request: Buffer): Promise<Buffer> {
  const socket = await connect(path);
  socket.end(request);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('a simulated stock server', () => {
  it('answers a probe of 72 bytes in its own size', async (t) => {
    for (const dialect of ['A', 'B', 'C'] as const) {
      const scene = await newScene(t);
      await scene.stock({ dialect });
      assert.equal((await ask(scene.path, encodeProbe())).length, FRAME_BYTES[dialect]);
    }
  });

  it('keeps the books of a stock server, with its faults', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'C' });
    const reporter = await connectReporter(scene.path, 'C');
    reporter.alloc({ pid: 1, device: 2, type: 'DRAM', id: 1n, size: 100 });
    reporter.alloc({ pid: 2, device: 2, type: 'DRAM', id: 1n, size: 999 });
    reporter.alloc({ pid: 1, device: 2, type: 'SYSTEM_MEMORY', id: 2n, size: 7 });
    reporter.alloc({ pid: 1, device: 2, type: 'L1_SMALL', id: 3n, size: MONSTER });
    reporter.alloc({ pid: 1, device: 2, type: 'TRACE', id: 4n, size: 5 });
    reporter.free({ pid: 2, device: 2, id: 1n });
    reporter.free({ pid: 2, device: 2, id: 77n });
    reporter.cbFree({ pid: 1, device: 2, id: 5n, size: 1 });
    reporter.kernelLoad({ pid: 1, device: 2, id: 6n, size: 30 });
    reporter.kernelUnload({ pid: 1, device: 2, id: 6n, size: 10 });
    await until(() => server.messages === 10, 'the reports');
    assert.deepEqual(server.totals(2), { dram: 100n, l1: 0n, l1Small: 6n, trace: 5n, cb: MONSTER, kernel: 20n });
    reporter.free({ pid: 1, device: 2, id: 1n });
    await reporter.close();
    await until(() => server.messages === 11, 'the last report');
    assert.equal(server.totals(2).dram, 0n);
    assert.deepEqual(server.totals(9), { dram: 0n, l1: 0n, l1Small: 0n, trace: 0n, cb: 0n, kernel: 0n });
  });

  it('takes what processes held that it cannot see, but no circular buffers', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'C' });
    const reporter = await connectReporter(scene.path, 'C');
    // No PID is that large (proc(5): pid_max), so nobody has it.
    for (const [index, pid] of [process.pid, 2 ** 30].entries()) {
      reporter.alloc({ pid, device: 0, type: 'L1', id: BigInt(index), size: 10 });
      reporter.cbAlloc({ pid, device: 0, id: BigInt(index), size: 1 });
    }
    await reporter.close();
    await until(() => server.messages === 4, 'the reports');
    server.reap();
    assert.deepEqual([server.totals(0).l1, server.totals(0).cb], [10n, 2n]);
  });

  it('takes a part of a frame for a message, with stale bytes behind it', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'A' });
    const reporter = await connectReporter(scene.path, 'A');
    reporter.alloc({ pid: 1, device: 1, type: 'L1', id: 1n, size: 64 });
    await until(() => server.messages === 1, 'the whole frame');
    // Everything but the type and the device is from the message before: another reference to the same buffer.
    reporter.raw(Buffer.from([2, 0, 0, 0, 1, 0, 0, 0]));
    await until(() => server.messages === 2, 'the part');
    assert.equal(server.totals(1).l1, 0n);
    await reporter.close();
  });

  it('takes thousands of frames in one piece without losing step', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'B' });
    const reporter = await connectReporter(scene.path, 'B');
    for (let id = 0; id < 3000; id++) reporter.alloc({ pid: 1, device: 0, type: 'L1', id: BigInt(id), size: 2 });
    await reporter.close();
    await until(() => server.messages >= 3000, 'the reports');
    assert.deepEqual([server.messages, server.totals(0).l1], [3000, 6000n]);
  });

  it('answers nothing to a dump, a type that it does not know, or one that its dialect has not', async (t) => {
    const scene = await newScene(t);
    const lines: string[] = [];
    await scene.stock({ dialect: 'A', log: (line) => lines.push(line) });
    const deviceInfo = encodeDeviceInfoQuery('B').subarray(0, 72);
    const requests = [
      encodeDump('A', 'DUMP_REMAINING'),
      deviceInfo,
      encodeDump('A', 'DUMP_KERNELS'),
      encodeQuery('A', 0),
    ];
    assert.equal((await ask(scene.path, Buffer.concat(requests))).length, 72);
    assert.deepEqual(lines.slice(1), ['Unknown message type: 6', 'Unknown message type: 12']);
  });

  it('crashes on a device that it has no place for', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'A' });
    const reporter = await connectReporter(scene.path, 'A');
    reporter.alloc({ pid: 1, device: 8, type: 'L1', id: 1n, size: 64 });
    await until(() => server.crashed, 'the crash');
    await assert.rejects(connectReporter(scene.path, 'A'));
  });

  for (const dialect of ['A', 'B', 'C'] as const) {
    it(`notices a monitor that goes before its answer has come (dialect ${dialect})`, async (t) => {
      const scene = await newScene(t);
      const server = await scene.stock({ dialect, devices: [N150], fault: { kind: 'late' } });
      const rude = await connect(scene.path);
      rude.write(encodeQuery(dialect, 0));
      await until(() => server.messages === 1, 'the question');
      rude.destroy();
      await once(rude, 'close');
      await server.release();
      assert.equal(server.wouldHaveDied, 1);
    });
  }

  it('notices a monitor that goes with answers unread and others still to come', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'A', fault: { kind: 'late', answers: 1 } });
    const rude = await connect(scene.path);
    rude.pause();
    rude.write(Buffer.concat([encodeQuery('A', 0), encodeQuery('A', 1)]));
    await until(() => server.messages === 2, 'the questions');
    rude.destroy();
    await once(rude, 'close');
    await server.release();
    assert.equal(server.wouldHaveDied, 1);
  });

  it('is not harmed by a monitor that shuts its sending side', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'B', fault: { kind: 'late' } });
    const answer = ask(scene.path, Buffer.concat([encodeQuery('B', 0), encodeDeviceInfoQuery('B', 0)]));
    await until(() => server.messages === 2, 'the questions');
    await server.release();
    assert.deepEqual([(await answer).length, server.wouldHaveDied], [224, 0]);
  });
});
