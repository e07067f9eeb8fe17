import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AllocationBooks } from '../../../src/allocation-server/books/allocation-books.ts';
import { alloc, frameOf, free, NOW } from './frames.ts';
import { takeSnapshot } from './take-snapshot.ts';

function booksAt(seconds: number, endedProcesses = 1024): AllocationBooks {
  const books = new AllocationBooks({ endedProcesses });
  books.setTime(seconds);
  return books;
}

/** Opens a process, has it allocate, and ends it. */
function liveAndEnd(books: AllocationBooks, pid: number): void {
  const process = books.open(`${pid}`, { pid, partial: true }) ?? -1;
  books.apply(process, frameOf(alloc()), 0);
  books.end(process);
}

const endedPids = (books: AllocationBooks): number[] => takeSnapshot(books).endedProcesses.map(({ pid }) => pid);

describe('a process that has ended', () => {
  it('is remembered for 15 minutes', () => {
    const books = booksAt(NOW);
    liveAndEnd(books, 1);
    books.setTime(NOW + 10);
    liveAndEnd(books, 2);
    const kept = [900, 901, 911].map((later) => {
      books.setTime(NOW + later);
      return endedPids(books);
    });
    assert.deepEqual(kept, [[1, 2], [2], []]);
  });

  it('is forgotten earlier where too many have ended since', () => {
    const books = booksAt(NOW, 3);
    for (let pid = 1; pid <= 5; pid++) liveAndEnd(books, pid);
    assert.deepEqual(endedPids(books), [3, 4, 5]);
  });

  it('leaves no record where it never reported anything', () => {
    const books = booksAt(NOW);
    books.end(books.open('1', { pid: 1, partial: false }) ?? -1);
    assert.deepEqual(endedPids(books), []);
  });

  it('is another one than the next of the same identity', () => {
    const books = booksAt(NOW);
    liveAndEnd(books, 1);
    const process = books.open('1', { pid: 1, partial: false }) ?? -1;
    assert.equal(books.apply(process, frameOf(free()), 0), 9);
    assert.deepEqual(books.stockTotals(0).dram, 0);
    assert.equal([...books.remainingBuffers()].length, 0);
  });

  it('is known by its identity as long as it lives, with the facts that were given last', () => {
    const books = booksAt(NOW);
    const process = books.open('1', { pid: 1, partial: true }) ?? -1;
    books.apply(process, frameOf(alloc()), 0);
    assert.equal(books.open('1', { pid: 1, partial: true, comm: 'old' }), process);
    books.update(process, { pid: 1, partial: true, comm: 'new', unit: 'job.service' });
    books.end(process);
    assert.deepEqual(takeSnapshot(books).endedProcesses, [
      {
        pid: 1,
        comm: 'new',
        unit: 'job.service',
        endedSeconds: NOW,
        devices: [{ id: 0, peakBytes: { dram: 4096 }, heldBytes: { dram: 4096 } }],
      },
    ]);
  });

  it('gives its sums back at once and the entries of its buffers later, by reports alone', () => {
    const books = booksAt(NOW);
    const [many, other] = [1, 2].map((pid) => books.open(`${pid}`, { pid, partial: false }) ?? -1);
    assert.ok(many !== undefined && other !== undefined);
    for (let id = 0n; id < 1000n; id++) books.apply(many, frameOf(alloc({ bufferId: id })), 0);
    books.end(many);
    assert.deepEqual([books.stockTotals(0).dram, books.tidy()], [0, true]);
    for (let turn = 0; turn < 500; turn++) books.apply(other, frameOf(free()), 0);
    assert.equal(books.tidy(), false);
  });
});

describe('what remains', () => {
  it('is told buffer by buffer, and by process for circular buffers and kernels', () => {
    const books = booksAt(NOW);
    const facts = { pid: 1, partial: false };
    const process = books.open('1', facts) ?? -1;
    const of = { deviceId: 3, processId: 1, bufferId: 2n ** 64n - 1n };
    for (const report of [
      alloc({ ...of, bufferType: 2, size: 5 }),
      alloc({ ...of, bufferType: 2, size: 5 }),
      { kind: 'cb_alloc', ...of, size: 7, timestamp: 0n } as const,
      { kind: 'kernel_load', ...of, size: 9, kernelKind: 1, timestamp: 0n } as const,
    ]) {
      books.apply(process, frameOf(report), 0);
    }
    assert.deepEqual(
      [[...books.remainingBuffers()], books.remainingSums('cb'), books.remainingSums('kernel')],
      [
        [
          {
            deviceId: 3,
            process: facts,
            type: 'host',
            bufferId: of.bufferId,
            size: 5,
            references: 2,
            allocatedSeconds: NOW,
          },
        ],
        [{ deviceId: 3, process: facts, bytes: 7, buffers: 1 }],
        [{ deviceId: 3, process: facts, bytes: 9, buffers: 1 }],
      ],
    );
  });
});

describe('the age of a buffer', () => {
  it('is what the application says, where that can be', () => {
    const ages = [NOW - 30, NOW + 0.5, NOW + 5, NOW - 101.5, 0].map((claimed) => {
      const books = booksAt(NOW);
      const process = books.open('1', { pid: 1, partial: false, startSeconds: NOW - 100 }) ?? -1;
      books.apply(process, frameOf(alloc({ timestamp: BigInt(claimed * 10) * 100_000_000n })), 0);
      return takeSnapshot(books).devices[0]?.processes[0]?.oldestBufferSeconds;
    });
    assert.deepEqual(ages, [NOW - 30, NOW + 0.5, NOW, NOW, NOW]);
  });
});

describe('the memory of a peak', () => {
  it('is given back by reports of frees alone', () => {
    const books = booksAt(NOW);
    const process = books.open('1', { pid: 1, partial: false }) ?? -1;
    for (let id = 0n; id < 40_000n; id++) books.apply(process, frameOf(alloc({ bufferId: id })), 0);
    for (let id = 0n; id < 40_000n; id++) books.apply(process, frameOf(free({ bufferId: id })), 0);
    assert.equal(books.tidy(), false);
  });
});
