import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AllocationBooks } from '../../../src/allocation-server/books/allocation-books.ts';
import { parseDocument } from '../../support/parse-document.ts';
import type { Report } from '../../../src/protocol/reports.ts';
import { alloc, at, frameOf, free, GIB, NOW } from './frames.ts';
import { finish, SERVER, takeSnapshot } from './take-snapshot.ts';

const IDENTITY = { pid: 17, hostPid: 4242, startSeconds: NOW - 100, comm: 'python3', containerId: 'c1' };
const FACTS = { ...IDENTITY, partial: false };

function apply(books: AllocationBooks, process: number, ...reports: Report[]): void {
  for (const report of reports) assert.equal(books.apply(process, frameOf(report), 0), 0);
}

function opened(books: AllocationBooks, pid: number): number {
  const handle = books.open(`${pid}`, { ...FACTS, pid });
  assert.ok(handle !== undefined);
  return handle;
}

/** Many processes with buffers on several devices. */
function busyBooks(processes: number): { books: AllocationBooks; handles: number[] } {
  const books = new AllocationBooks();
  books.setTime(NOW);
  const handles = Array.from({ length: processes }, (_, pid) => opened(books, pid));
  for (const [pid, handle] of handles.entries()) {
    for (const bufferType of [0, 1, 4]) {
      apply(books, handle, alloc({ deviceId: pid % 4, bufferId: BigInt(pid), bufferType, size: 64 * pid }));
    }
  }
  return { books, handles };
}

describe('a snapshot', () => {
  it('has every field that the books know', () => {
    const books = new AllocationBooks();
    books.setTime(NOW);
    const capacity = { dramBytes: 12 * GIB, l1Bytes: 95_944_704, l1BytesPerCore: 1_499_136 };
    books.setDevice(5, { architecture: 'wormhole', capacity });
    const ended = opened(books, 16);
    apply(books, ended, alloc({ deviceId: 5, bufferType: 2, size: 100 }));
    books.end(ended);
    const process = opened(books, 17);
    const core = { firstX: 1, firstY: 2, lastX: 2, lastY: 2 };
    const of = { deviceId: 5, processId: 17, timestamp: at(NOW) };
    apply(
      books,
      process,
      alloc({ ...of, bufferId: 1n, size: 5 * GIB, timestamp: at(NOW - 60) }),
      alloc({ ...of, bufferId: 2n, size: GIB, timestamp: at(NOW - 50) }),
      free({ ...of, bufferId: 1n }),
      { kind: 'cb_alloc_cores', ...of, bufferId: 3n, size: 512, cores: core, bytesPerCore: 256 },
      { kind: 'alloc_failed', ...of, bufferType: 1, size: 7000, largestFreeBlock: 6000 },
    );
    books.countMessage(3);
    books.countRejected('wrong_pid');
    assert.equal(books.apply(process, frameOf(free({ ...of, bufferId: 9n })), 0), 9);
    const none = { dram: 0, trace: 0, l1: 0, l1_small: 0, host: 0 };
    const live = {
      liveBytes: { dram: GIB, cb: 512 },
      liveBuffers: { dram: 1, cb: 1 },
      peakBytes: { dram: 6 * GIB, cb: 512 },
    };
    const counters = {
      allocations: { dram: 2, cb: 1 },
      frees: { dram: 1, cb: 0 },
      allocatedBytes: { dram: 6 * GIB, cb: 512 },
      freedBytes: { dram: 5 * GIB, cb: 0 },
    };
    assert.deepEqual(takeSnapshot(books), {
      schema: 1,
      minReader: 1,
      takenSeconds: NOW,
      server: {
        ...SERVER,
        messages: { ALLOC: 3, FREE: 1, QUERY: 1, CB_ALLOC_CORES: 1, ALLOC_FAILED: 1 },
        rejectedMessages: { wrong_pid: 1, unknown_buffer: 1 },
        doubtfulMessages: {},
        reclaimedBytes: 100,
        reclaimedBuffers: 1,
      },
      devices: [
        {
          id: 5,
          architecture: 'wormhole',
          capacity,
          liveBytes: { ...none, ...live.liveBytes },
          liveBuffers: { ...none, ...live.liveBuffers },
          peakBytes: { ...none, ...live.peakBytes, host: 100 },
          counters: {
            allocations: { ...none, ...counters.allocations, host: 1 },
            frees: { ...none, ...counters.frees },
            allocatedBytes: { ...none, ...counters.allocatedBytes, host: 100 },
            freedBytes: { ...none, ...counters.freedBytes },
            reclaimedBytes: { ...none, cb: 0, host: 100 },
            reclaimedBuffers: { ...none, cb: 0, host: 1 },
            allocationFailures: { l1: 1 },
          },
          largestFreeBlockBytes: { l1: 6000 },
          lastFailedAllocationBytes: { l1: 7000 },
          lastUpdateSeconds: NOW,
          processes: [
            {
              pid: 17,
              hostPid: FACTS.hostPid,
              startSeconds: FACTS.startSeconds,
              comm: FACTS.comm,
              partial: false,
              ...live,
              counters,
              oldestBufferSeconds: NOW - 50,
              lastActivitySeconds: NOW,
              cbMaxCoreBytes: 256,
              cbCores: [
                { x: 1, y: 2, bytes: 256 },
                { x: 2, y: 2, bytes: 256 },
              ],
            },
          ],
        },
      ],
      endedProcesses: [
        {
          ...IDENTITY,
          pid: 16,
          endedSeconds: NOW,
          devices: [{ id: 5, peakBytes: { host: 100 }, heldBytes: { host: 100 } }],
        },
      ],
    });
  });

  it('is of the moment when it was begun, whatever happens between its steps', () => {
    const { books, handles } = busyBooks(300);
    const before = takeSnapshot(books);
    let turn = 0;
    const during = takeSnapshot(books, () => {
      turn++;
      const handle = handles[turn] ?? -1;
      apply(
        books,
        handle,
        alloc({ deviceId: 40 + turn, bufferId: 7n }),
        free({ deviceId: turn % 4, bufferId: BigInt(turn) }),
      );
      books.end(handles[turn + 50] ?? -1);
      apply(books, opened(books, 1000 + turn), alloc({ deviceId: turn % 4 }));
      books.setTime(NOW + turn);
      books.tidy();
    });
    assert.ok(turn > 5, `${turn} things happened meanwhile`);
    assert.deepEqual(during, before);
  });

  it('is written in steps that do not grow with it', () => {
    const sizes = [10, 500].map((processes) => {
      const { books } = busyBooks(processes);
      const job = books.beginSnapshot(SERVER);
      const steps = finish(job);
      return { steps, most: Math.max(...job.chunks.map(({ length }) => length)), whole: job.bytes };
    });
    const [small, large] = sizes;
    assert.ok(small !== undefined && large !== undefined);
    assert.ok(large.most < 10_000, `a step has ${large.most} bytes`);
    assert.ok(large.steps >= large.whole / 10_000, `${large.steps} steps`);
    assert.ok(small.steps < large.steps);
  });

  it('can be made twice at the same time', () => {
    const { books } = busyBooks(100);
    const [first, second] = [books.beginSnapshot(SERVER), books.beginSnapshot(SERVER)];
    finish(first, () => second.step());
    finish(second);
    assert.deepEqual(parseDocument(Buffer.concat(first.chunks)), parseDocument(Buffer.concat(second.chunks)));
  });

  it('tells counters from 2^53 on exactly, and never one that readers refuse', () => {
    const books = new AllocationBooks();
    books.setTime(NOW);
    const process = opened(books, 1);
    const [one, gone] = [frameOf(alloc({ size: 2 ** 42 })), frameOf(free())];
    const churn = (times: number): number | undefined => {
      for (let time = 0; time < times; time++) {
        books.apply(process, one, 0);
        books.apply(process, gone, 0);
      }
      return takeSnapshot(books).devices[0]?.counters.allocatedBytes.dram;
    };
    assert.equal(churn(3000), 3000 * 2 ** 42);
    assert.equal(churn(2 ** 21 - 1 - 3000), 2 ** 63 - 2 ** 42);
    assert.equal(churn(2), 2 ** 42);
  });
});
