/** Does with the client what lines on stdin say: see ../driver.ts. Arguments: socket, frame bytes, extension, max queued. */
import { createInterface } from 'node:readline';
import { dialectOfSize } from '../../../src/protocol/layout.ts';
import { BUFFER_TYPE, KERNEL_KIND } from '../../../src/protocol/messages.ts';
import { createReportingClient } from '../../../src/reporting-client/client.ts';

const [socketPath = '', frame = '', extension = '', queued = ''] = process.argv.slice(2);
const client = createReportingClient({
  socketPath,
  dialect: dialectOfSize(Number(frame)) ?? 'C',
  extension: extension === '1',
  maxQueued: Number(queued),
});

const calls: Readonly<Record<string, (device: number, ...rest: bigint[]) => void>> = {
  alloc: (device, id = 0n, size = 0n, type) => {
    client.allocated({ device, id, size, type: nameOf(BUFFER_TYPE, type) });
  },
  free: (device, id = 0n) => {
    client.freed({ device, id });
  },
  cb: (device, id = 0n, size = 0n) => {
    client.circularBufferAllocated({ device, id, size });
  },
  cores: (device, id = 0n, size = 0n, x = 0n, y = 0n, lastX = 0n, lastY = 0n, bytesPerCore = 0n) => {
    const [firstX, firstY] = [Number(x), Number(y)];
    const cores = { firstX, firstY, lastX: Number(lastX), lastY: Number(lastY), bytesPerCore };
    client.circularBufferAllocated({ device, id, size, cores });
  },
  cbfree: (device, id = 0n) => {
    client.circularBufferFreed({ device, id });
  },
  load: (device, id = 0n, size = 0n, kind) => {
    client.kernelLoaded({ device, id, size, kind: nameOf(KERNEL_KIND, kind) });
  },
  unload: (device, id = 0n) => {
    client.kernelUnloaded({ device, id });
  },
  stats: (device, type, allocatable = 0n, allocated = 0n, free = 0n, largestFreeBlock = 0n) => {
    client.allocatorStatistics({
      device,
      type: nameOf(BUFFER_TYPE, type),
      allocatable,
      allocated,
      free,
      largestFreeBlock,
    });
  },
  failed: (device, type, size = 0n, largestFreeBlock = 0n) => {
    client.allocationFailed({ device, type: nameOf(BUFFER_TYPE, type), size, largestFreeBlock });
  },
  allocs: (device, first = 0n, count = 0n, size = 0n) => {
    for (let id = first; id < first + count; id++) client.allocated({ device, id, size, type: 'DRAM' });
  },
  frees: (device, first = 0n, count = 0n) => {
    for (let id = first; id < first + count; id++) client.freed({ device, id });
  },
};

function nameOf<T extends string>(values: Readonly<Record<T, number>>, value = 0n): T {
  const found = (Object.entries(values) as [T, number][]).find(([, number]) => number === Number(value));
  if (found === undefined) throw new RangeError(`no name for ${value}`);
  return found[0];
}

let milliseconds = 2000;
for await (const line of createInterface({ input: process.stdin })) {
  const [word = '', ...rest] = line.split(' ');
  if (word === 'counts') console.log(JSON.stringify({ enabled: client.enabled, ...client.counts() }));
  else if (word === 'close') {
    milliseconds = Number(rest[0]);
    break;
  } else {
    const [device = 0n, ...numbers] = rest.map(BigInt);
    calls[word]?.(Number(device), ...numbers);
  }
}
await client.close(milliseconds);
process.exit(0);
