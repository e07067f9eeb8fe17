/**
 * An exporter as prom-client's documentation teaches it, for comparison: gauges with labels that a collect resets and
 * sets, `register.metrics()`, express, gzip at zlib's own level. It reads as much as its Go sibling in go-peer-io: 20
 * sensor files a device, two messages a device over a Unix socket one after another, a small /proc file for each
 * process; and it has as many series of the same shape.
 *
 *     node prom-client-peer.ts FILES.txt SOCKET DEVICES PROCESSES
 */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import express from 'express';
import { Gauge, Registry } from 'prom-client';
import { endWithParent } from '../end-with-parent.ts';

const MESSAGES_A_DEVICE = 2;
const MESSAGE_BYTES = 112;
const TYPES = ['DRAM', 'L1', 'L1_SMALL', 'TRACE', 'CB', 'KERNEL'];
const MEMORY = ['capacity', 'allocated', 'free', 'peak_allocated'];
const SENSORS = Array.from({ length: 20 }, (_, index) => `sensor_${index}`);

const [filesPath, socketPath, devices, processes] = process.argv.slice(2);
if (filesPath === undefined || socketPath === undefined) {
  throw new Error('usage: prom-client-peer.ts FILES.txt SOCKET DEVICES PROCESSES');
}
endWithParent();
const DEVICES = Number(devices);
const PROCESSES = Number(processes);
const files = (await readFile(filesPath, 'utf8')).trim().split('\n');
const socket = connect(socketPath);

const register = new Registry();
const chip = ['device', 'arch', 'board_id'];
const sensors = SENSORS.map(
  (name) => new Gauge({ name: `tt_${name}`, help: `Value of ${name}`, labelNames: chip, registers: [register] }),
);
const memory = MEMORY.map(
  (name) =>
    new Gauge({
      name: `tt_memory_${name}_bytes`,
      help: `Memory ${name}`,
      labelNames: [...chip, 'type'],
      registers: [register],
    }),
);
const processLabels = ['device', 'arch', 'pid', 'process'];
const processMemory = new Gauge({
  name: 'tt_process_memory_allocated_bytes',
  help: 'Bytes allocated by process and memory type',
  labelNames: [...processLabels, 'type'],
  registers: [register],
});
const processInfo = new Gauge({
  name: 'tt_process_info',
  help: 'Process attached to the device',
  labelNames: [...processLabels, 'user'],
  registers: [register],
});

async function collect(): Promise<void> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  for (let index = 0; index < MESSAGES_A_DEVICE * DEVICES; index++) await roundTrip(socket);
  await Promise.all(Array.from({ length: PROCESSES }, () => readFile('/proc/self/comm', 'utf8')));
  for (const gauge of [...sensors, ...memory, processMemory, processInfo]) gauge.reset();
  for (let device = 0; device < DEVICES; device++) setDevice(device, texts);
}

function setDevice(index: number, texts: readonly string[]): void {
  const device = String(index);
  const arch = index % 2 === 0 ? 'blackhole' : 'wormhole_b0';
  const labels = { device, arch, board_id: `010001451171${index}` };
  sensors.forEach((gauge, sensor) => {
    gauge.set(labels, Number(texts[index * SENSORS.length + sensor]) || 0);
  });
  for (const gauge of memory) for (const type of TYPES) gauge.set({ ...labels, type }, someBytes());
  for (let number = 0; number < PROCESSES; number++) {
    const owner = { device, arch, pid: String(101000 + number * 37), process: 'python3' };
    for (const type of TYPES) processMemory.set({ ...owner, type }, someBytes());
    processInfo.set({ ...owner, user: `u${number % 7}` }, 1);
  }
}

function someBytes(): number {
  return Math.floor(Math.random() * 12 * 1024 ** 3);
}

function roundTrip(peer: Socket): Promise<void> {
  return new Promise((resolve) => {
    let missing = MESSAGE_BYTES;
    const onData = (data: Buffer) => {
      missing -= data.length;
      if (missing > 0) return;
      peer.off('data', onData);
      resolve();
    };
    peer.on('data', onData);
    peer.write(Buffer.alloc(MESSAGE_BYTES));
  });
}

const compress = promisify(gzip);
const app = express();
app.get('/metrics', async (_request, response) => {
  await collect();
  const body = await compress(await register.metrics());
  response.set({ 'Content-Type': register.contentType, 'Content-Encoding': 'gzip' }).send(body);
});
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`listening ${(server.address() as AddressInfo).port}`);
});
