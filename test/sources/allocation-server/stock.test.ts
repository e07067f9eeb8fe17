import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connectReporter } from '../../../src/simulator/reporter.ts';
import { N150, bareDevice, newScene, openDescriptors, reasons, scrape, until } from './support.ts';
import type { SimulatedDevice } from '../../../src/simulator/stock-device-info.ts';

const P150: SimulatedDevice = {
  arch: 'blackhole',
  dramBytes: 32 * 2 ** 30,
  dramChannels: 8,
  l1Bytes: 179_896_320,
  l1BytesPerCore: 1_499_136,
};

const UP = {
  status: 'up',
  extension: undefined,
  startTimeSeconds: undefined,
  endedProcesses: [],
  watchedChips: [],
  messages: undefined,
  rejectedMessages: undefined,
  connections: undefined,
} as const;

describe('a stock server', () => {
  it('of dialect A gives totals of the eight devices that it can know', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'A' });
    const reporter = await connectReporter(scene.path, 'A');
    scene.defer(() => reporter.close());
    reporter.alloc({ pid: 7, device: 1, type: 'DRAM', id: 1n, size: 4096 });
    reporter.alloc({ pid: 7, device: 1, type: 'L1', id: 2n, size: 100 });
    reporter.alloc({ pid: 8, device: 1, type: 'SYSTEM_MEMORY', id: 3n, size: 10 });
    reporter.alloc({ pid: 8, device: 1, type: 'L1_SMALL', id: 4n, size: 1 });
    reporter.alloc({ pid: 8, device: 7, type: 'TRACE', id: 5n, size: 64 });
    await until(() => server.messages === 5, 'the reports');
    const { outcome, data, errors } = await scrape(scene.source());
    const devices = Array.from({ length: 8 }, (_, id) => bareDevice(id, 'A'));
    devices[1] = { ...bareDevice(1, 'A'), totals: { ...bareDevice(1, 'A').totals, dram: 4096, l1: 100, l1_small: 11 } };
    devices[7] = { ...bareDevice(7, 'A'), totals: { ...bareDevice(7, 'A').totals, trace: 64 } };
    assert.deepEqual({ outcome, errors, data }, { outcome: 'ok', errors: [], data: { ...UP, dialect: 'A', devices } });
    assert.equal(server.wouldHaveDied, 0);
  });

  it('of dialect B gives capacities, and none where 32 bits were too few for a DRAM channel', async (t) => {
    const scene = await newScene(t);
    await scene.stock({ dialect: 'B', devices: [N150, P150] });
    const { outcome, data } = await scrape(scene.source());
    const l1BytesPerCore = 1_499_136;
    const devices = [
      {
        ...bareDevice(0, 'B'),
        capacity: { dramBytes: 12 * 2 ** 30, l1Bytes: 95_944_704, l1BytesPerCore, arch: 'wormhole' },
      },
      {
        ...bareDevice(1, 'B'),
        capacity: { dramBytes: undefined, l1Bytes: 179_896_320, l1BytesPerCore, arch: 'blackhole' },
      },
    ];
    assert.deepEqual({ outcome, data }, { outcome: 'ok', data: { ...UP, dialect: 'B', devices } });
  });

  it('of dialect C gives circular buffers, kernels and the kernel ring too', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'C' });
    const reporter = await connectReporter(scene.path, 'C');
    scene.defer(() => reporter.close());
    reporter.cbAlloc({ pid: 7, device: 0, id: 1n, size: 2048 });
    reporter.kernelLoad({ pid: 7, device: 0, id: 2n, size: 512 });
    await until(() => server.messages === 2, 'the reports');
    const { outcome, data } = await scrape(scene.source());
    const device = {
      ...bareDevice(0, 'C'),
      capacity: { dramBytes: 12 * 2 ** 30, l1Bytes: 95_944_704, l1BytesPerCore: 1_499_136, arch: 'wormhole' },
      totals: { dram: 0, trace: 0, l1: 0, l1_small: 0, cb: 2048, kernel: 512 },
      ring: { capacityBytes: 68_000, usedBytes: 1024, programs: 2 },
    };
    assert.deepEqual({ outcome, data }, { outcome: 'ok', data: { ...UP, dialect: 'C', devices: [device] } });
  });

  it('that found no device is asked about all that it keeps books of', async (t) => {
    const scene = await newScene(t);
    await scene.stock({ dialect: 'B', devices: [] });
    const { data } = await scrape(scene.source());
    assert.deepEqual(
      data?.devices,
      Array.from({ length: 8 }, (_, id) => bareDevice(id, 'B')),
    );
  });

  it('with more devices than fit into 4 KiB of requests is asked in turns', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'C', devices: Array.from({ length: 32 }, () => N150) });
    const { outcome, data } = await scrape(scene.source());
    assert.deepEqual([outcome, data?.devices.map(({ id }) => id)], ['ok', Array.from({ length: 32 }, (_, id) => id)]);
    assert.deepEqual([server.messages, server.wouldHaveDied], [1 + 1 + 64, 0]);
  });

  it('leaves out what cannot be a size, and says which', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'C', devices: [{ ...N150, l1Bytes: 2 ** 40 }] });
    const reporter = await connectReporter(scene.path, 'C');
    scene.defer(() => reporter.close());
    reporter.cbFree({ pid: 7, device: 0, id: 1n, size: 4096 });
    reporter.alloc({ pid: 7, device: 0, type: 'DRAM', id: 2n, size: 64 * 12 * 2 ** 30 + 1 });
    reporter.alloc({ pid: 7, device: 0, type: 'TRACE', id: 3n, size: 64 * 12 * 2 ** 30 });
    await until(() => server.messages === 3, 'the reports');
    const { outcome, data, errors } = await scrape(scene.source());
    assert.deepEqual(
      [outcome, data?.devices[0]?.totals, data?.devices[0]?.capacity.l1Bytes],
      ['ok', { dram: undefined, trace: 64 * 12 * 2 ** 30, l1: 0, l1_small: 0, cb: undefined, kernel: 0 }, undefined],
    );
    assert.deepEqual(
      errors.map(({ reason, message }) => [reason, message.slice(0, message.indexOf(','))]),
      [
        ['implausible_value', 'device 0: total_l1_size is 1099511627776'],
        ['implausible_value', 'device 0: dram_allocated is 824633720833'],
        ['implausible_value', 'device 0: cb_allocated is 18446744073709547520'],
      ],
    );
  });

  it('is probed once, and has one connection a scrape from then on', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'B' });
    const source = scene.source();
    const counts: number[] = [];
    for (let scrapes = 0; scrapes < 3; scrapes++) {
      assert.equal((await scrape(source)).outcome, 'ok');
      counts.push(server.connections);
    }
    assert.deepEqual(counts, [2, 3, 4]);
  });

  it('is probed anew when another one has taken its place', async (t) => {
    const scene = await newScene(t);
    const source = scene.source();
    for (const dialect of ['A', 'C', 'B'] as const) {
      const server = await scene.stock({ dialect });
      const { outcome, data } = await scrape(source);
      assert.deepEqual([outcome, data?.dialect, server.connections], ['ok', dialect, 2]);
      await server.close();
    }
    assert.equal((await scrape(source)).outcome, 'no_data');
  });

  it('costs no descriptor, scrape after scrape', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'C' });
    const source = scene.source();
    await scrape(source);
    const before = await openDescriptors();
    for (let scrapes = 0; scrapes < 30; scrapes++) assert.deepEqual(reasons(await scrape(source)), []);
    await until(async () => (await openDescriptors()) <= before, 'descriptors closed');
    assert.deepEqual([server.wouldHaveDied, source.parked()], [0, 0]);
  });
});
