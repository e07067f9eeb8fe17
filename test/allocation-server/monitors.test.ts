import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { before, test } from 'node:test';
import { Deadline } from '../../src/collect/deadline.ts';
import { decodeDeviceInfoResponse, decodeResponse } from '../../src/protocol/decode-answers.ts';
import { announcedExtension } from '../../src/protocol/extension.ts';
import { DIALECTS, FRAME_BYTES } from '../../src/protocol/layout.ts';
import { encodeDeviceInfoQuery, encodeDump, encodeProbe, encodeQuery } from '../../src/protocol/requests.ts';
import { connectReporter } from '../../src/simulator/reporter.ts';
import { createAllocationServerSource } from '../../src/sources/allocation-server/source.ts';
import { eventually } from '../support/eventually.ts';
import { ask, snapshot, totals } from './support/ask.ts';
import { buildNative } from './support/built.ts';
import { startServer } from './support/start-server.ts';

before(() => {
  buildNative();
});

const of = { pid: process.pid, device: 0 };

test('applications of every dialect add up, and monitors of every dialect are told the same', async () => {
  const server = await startServer();
  const reporters = await Promise.all(DIALECTS.map((dialect) => connectReporter(server.path, dialect)));
  for (const [index, reporter] of reporters.entries()) {
    const id = BigInt(index);
    reporter.alloc({ ...of, id, size: 1000, type: 'DRAM' });
    reporter.alloc({ ...of, id, size: 100, type: 'L1' });
    reporter.alloc({ ...of, id, size: 10, type: 'L1_SMALL' });
    reporter.alloc({ ...of, id, size: 1, type: 'TRACE' });
  }
  reporters[2]?.cbAlloc({ ...of, id: 1n, size: 500 });
  reporters[2]?.kernelLoad({ ...of, id: 1n, size: 600 });
  await Promise.all(reporters.map((reporter) => reporter.flush()));
  await eventually(
    'all',
    async () => (await totals(server.path)).kernel === 600 && (await totals(server.path)).trace === 3,
  );
  const told = await Promise.all(DIALECTS.map((dialect) => totals(server.path, dialect)));
  const common = { deviceId: 0, dram: 3000, l1: 300, l1Small: 30, trace: 3, ring: undefined };
  assert.deepEqual(told, [
    { ...common, cb: undefined, kernel: undefined },
    { ...common, cb: undefined, kernel: undefined },
    { ...common, cb: 500, kernel: 600 },
  ]);
  for (const reporter of reporters) await reporter.close();
  await server.stop();
});

test('many questions in one go are answered in order, and a monitor that asks one by one keeps its connection', async () => {
  const server = await startServer();
  for (const dialect of DIALECTS) {
    const size = FRAME_BYTES[dialect];
    const devices = Array.from({ length: 3000 }, (_, index) => index % 8);
    const answers = await ask(server.path, Buffer.concat(devices.map((device) => encodeQuery(dialect, device))));
    const told = devices.map((device, index) =>
      decodeResponse(dialect, answers.subarray(index * size, index * size + size), device),
    );
    assert.deepEqual(
      told.map(({ deviceId }) => deviceId),
      devices,
    );

    const socket = createConnection({ path: server.path });
    for (const device of [0, 5, 7]) {
      socket.write(encodeQuery(dialect, device));
      const [answer] = (await once(socket, 'data')) as [Buffer];
      assert.equal(decodeResponse(dialect, answer, device).dram, 0);
    }
    socket.destroy();
  }
  await server.stop();
});

test("this project's probe of 72 bytes is answered by a frame of dialect C", async () => {
  const server = await startServer();
  assert.equal((await ask(server.path, encodeProbe())).length, FRAME_BYTES.C);
  await server.stop();
});

test('the extension is announced with the start of the server, in B and in C; a question that A has not is not answered', async () => {
  const server = await startServer();
  const { startSeconds } = (await snapshot(server.path)).server;
  for (const dialect of ['B', 'C'] as const) {
    const answer = decodeDeviceInfoResponse(dialect, await ask(server.path, encodeDeviceInfoQuery(dialect)), -1);
    assert.equal(announcedExtension(answer.bufferId), 1);
    assert.equal(Number(answer.timestamp / 1_000_000n) / 1000, startSeconds);
    assert.deepEqual([answer.numDevices, answer.isAvailable], [0, 0]);
  }
  const inA = encodeDeviceInfoQuery('C').subarray(0, FRAME_BYTES.A);
  assert.equal((await ask(server.path, inA)).length, 0);
  assert.deepEqual((await snapshot(server.path)).server.rejectedMessages, { not_in_dialect: 1 });
  await server.stop();
});

test('dumps are printed, and not answered', async () => {
  const server = await startServer();
  const reporter = await connectReporter(server.path, 'C');
  reporter.alloc({ ...of, id: 77n, size: 4096, type: 'L1' });
  reporter.kernelLoad({ ...of, id: 5n, size: 800 });
  await reporter.flush();
  await eventually('both', async () => (await totals(server.path)).kernel === 800);
  assert.equal((await ask(server.path, encodeDump('A', 'DUMP_REMAINING'))).length, 0);
  await eventually('the buffers', () => server.stdout().includes('=== 1 buffers, 4096 bytes ==='));
  assert.match(
    server.stdout(),
    new RegExp(`^device=0 pid=${process.pid} type=l1 id=77 bytes=4096 references=1 since=`, 'm'),
  );
  assert.equal((await ask(server.path, encodeDump('C', 'DUMP_KERNELS'))).length, 0);
  await eventually('the kernels', () => /kernels: count=1 bytes=800\n===\n/.test(server.stdout()));
  await reporter.close();
  await server.stop();
});

test('with --log.events there is a line for each report, with the reason where it was not taken', async () => {
  const server = await startServer(['--log.events']);
  const reporter = await connectReporter(server.path, 'C');
  reporter.alloc({ ...of, id: 77n, size: 4096, type: 'L1' });
  reporter.free({ ...of, id: 77n });
  reporter.free({ ...of, id: 78n });
  await reporter.flush();
  await eventually('three lines', () => server.stdout().split('\n').length === 4);
  assert.deepEqual(server.stdout().split('\n'), [
    `[PID ${process.pid}] Allocated 4096 bytes of L1 on device 0 (id=77)`,
    `[PID ${process.pid}] Freed on device 0 (id=77)`,
    `[PID ${process.pid}] Freed on device 0 (id=78), not taken: unknown_buffer`,
    '',
  ]);
  await reporter.close();
  await server.stop();
});

test("the exporter's client reads it by the extension", async () => {
  const server = await startServer();
  const reporter = await connectReporter(server.path, 'A');
  reporter.alloc({ ...of, id: 1n, size: 4096, type: 'DRAM' });
  await reporter.flush();
  await eventually('the buffer', async () => (await totals(server.path)).dram === 4096);
  const source = createAllocationServerSource({ socketPath: server.path, trustedOwner: undefined });
  const deadline = Deadline.after(5000);
  const run = source.start({ deadline, wantedFiles: Promise.resolve([]) });
  await run.done;
  const { outcome, data } = run.state();
  assert.equal(outcome, 'ok');
  assert.ok(data !== undefined);
  assert.equal(data.extension, 1);
  const [device] = data.devices;
  assert.deepEqual(
    device?.processes?.map(({ reportedPid, hostPid, bytes, partial }) => ({
      reportedPid,
      hostPid,
      dram: bytes.dram,
      partial,
    })),
    [{ reportedPid: process.pid, hostPid: process.pid, dram: 4096, partial: true }],
  );
  deadline.dispose();
  await source.close();
  await reporter.close();
  await server.stop();
});
