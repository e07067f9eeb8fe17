/** A workload in a container: opens its chips' regions in its own /dev/shm and their devices, and does as it is told. */
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { RegionWriter } from '../../../src/simulator/region-writer.ts';
import { Buffers } from '../../../src/simulator/workload-buffers.ts';
import { MEMORY_TYPES } from '../../../src/snapshot/memory-types.ts';
import type { MemoryType } from '../../../src/snapshot/memory-types.ts';
import { CONTROL, CONTROL_SOCKET, READY } from './workload-messages.ts';
import type { ContainedAnswer, ContainedCommand, ContainedStart } from './workload-messages.ts';

const start = JSON.parse(process.argv[2] ?? '') as ContainedStart;
process.title = start.name;
// Kept open until the process ends, like the descriptors of the regions.
for (const index of start.devices) openSync(`/dev/tenstorrent/${index}`, 'r+');
const regions = new Map(
  start.chips.map(({ logicalId, chipId, remote }) => {
    const region = RegionWriter.open(`/dev/shm/tt_device_${chipId}_memory`, {
      version: start.regionVersion,
      chipId: BigInt(chipId),
      deviceId: logicalId,
      isRemote: remote,
    });
    region.attach(process.pid, start.name);
    return [logicalId, { region, buffers: new Map<MemoryType, Buffers>() }];
  }),
);
let lastBuffer = 0;

function obey({ chip, holdings }: ContainedCommand): void {
  const open = regions.get(chip);
  if (open === undefined) throw new RangeError(`this workload has no chip ${chip}`);
  for (const type of MEMORY_TYPES) {
    const buffers = open.buffers.get(type) ?? new Buffers(() => ++lastBuffer);
    open.buffers.set(type, buffers);
    const bytes = holdings[type] ?? 0;
    const { freed, allocated } = buffers.hold(bytes);
    if (type === 'cb') {
      if (freed.length + allocated.length > 0) open.region.setCb(process.pid, bytes);
      continue;
    }
    for (const buffer of freed) open.region.free(process.pid, type, buffer.bytes);
    for (const buffer of allocated) open.region.allocate(process.pid, type, buffer.bytes);
  }
}

function answer(line: string): ContainedAnswer {
  try {
    obey(JSON.parse(line) as ContainedCommand);
    return { kind: 'done', pid: process.pid };
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

// A namespace's PID 1 gets only the signals that it asks for.
process.on('SIGTERM', () => {
  for (const { region } of regions.values()) region.detach(process.pid);
  process.exit(0);
});

const server = createServer((connection) => {
  connection.on('error', () => undefined);
  createInterface({ input: connection }).on('line', (line) => {
    connection.write(`${JSON.stringify(answer(line))}\n`);
  });
});
server.listen(join(CONTROL, CONTROL_SOCKET), () => {
  console.log(READY);
});
