import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeDeviceInfoResponse } from '../../src/protocol/decode-answers.ts';
import { encodeDeviceInfoQuery } from '../../src/protocol/requests.ts';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import { eventually } from '../support/eventually.ts';
import { ask, snapshot } from './support/ask.ts';
import { startServer } from './support/start-server.ts';

const GIB = 2 ** 30;
const WORMHOLE_L1 = 1499136;

test('it knows both chips of an n300 from sysfs, tells them to monitors, and follows the capacity file', async () => {
  const host = await createSimulatedHost('n300');
  const folder = await mkdtemp(join(tmpdir(), 'tt-capacity-'));
  const file = join(folder, 'capacity.yaml');
  await writeFile(file, 'boards:\n  n150: { cores: 10 }\n');
  const server = await startServer([`--path.sysfs=${host.sysfs}`, `--capacity.config.file=${file}`]);
  const capacities = async () => (await snapshot(server.path)).devices.map(({ id, capacity }) => ({ id, ...capacity }));
  await eventually('the cards', async () => (await capacities()).length === 2);
  const chip = { dramBytes: 12 * GIB, l1Bytes: 64 * WORMHOLE_L1, l1BytesPerCore: WORMHOLE_L1 };
  assert.deepEqual(await capacities(), [
    { id: 0, ...chip },
    { id: 1, ...chip },
  ]);
  const told = decodeDeviceInfoResponse('B', await ask(server.path, encodeDeviceInfoQuery('B', 1)), 1);
  assert.deepEqual(told, {
    deviceId: 1,
    bufferId: 0n,
    timestamp: 0n,
    totalDramSize: 12 * GIB,
    totalL1Size: 64 * WORMHOLE_L1,
    archType: 2,
    dramChannels: 12,
    dramSizePerChannel: GIB,
    l1SizePerCore: WORMHOLE_L1,
    isAvailable: 1,
    numDevices: 0,
    ring: undefined,
  });
  const all = decodeDeviceInfoResponse('C', await ask(server.path, encodeDeviceInfoQuery('C')), -1);
  assert.equal(all.numDevices, 2);

  await writeFile(file, 'boards:\n  n300: { cores: 50 }\n');
  server.process.kill('SIGHUP');
  await eventually('50 cores', async () => (await capacities())[1]?.l1Bytes === 50 * WORMHOLE_L1);
  await writeFile(file, 'nonsense: 1\n');
  server.process.kill('SIGHUP');
  await server.waitForLine(/the capacity file is not used/);
  assert.equal((await capacities())[0]?.l1Bytes, 50 * WORMHOLE_L1);
  await rm(file);
  server.process.kill('SIGHUP');
  await server.waitForLine(/--capacity\.config\.file cannot be read: ENOENT/);
  await server.stop();
  await rm(folder, { recursive: true });
  await host.close();
});
