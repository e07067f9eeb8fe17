import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AllocationBooks } from '../../../src/allocation-server/books/allocation-books.ts';
import { reasonOf } from '../../../src/allocation-server/books/outcomes.ts';
import type { BooksLimits } from '../../../src/allocation-server/books/types.ts';
import type { Report } from '../../../src/protocol/reports.ts';
import { alloc, at, frameOf, free, GIB, NOW } from './frames.ts';
import { takeSnapshot } from './take-snapshot.ts';

/** Books with one process, and what they say of its reports. */
function booksWith(limits: Partial<BooksLimits> = {}): {
  books: AllocationBooks;
  open: (pid: number) => number;
  say: (report: Report, process?: number) => string | undefined;
} {
  const books = new AllocationBooks(limits);
  books.setTime(NOW);
  const open = (pid: number): number => books.open(`${pid}`, { pid, partial: false }) ?? -1;
  const first = open(1);
  return { books, open, say: (report, process = first) => reasonOf(books.apply(process, frameOf(report), 0)) };
}

describe('the limits of the books', () => {
  it('are refused where they cannot be kept', () => {
    assert.throws(() => new AllocationBooks({ processes: 4096 }), {
      name: 'RangeError',
      message: 'the limit of processes is 4096, where it can be 1 to 2048',
    });
    assert.throws(() => new AllocationBooks({ devices: 0 }), RangeError);
  });

  it('bound the devices of one process, of all, and the pairs', () => {
    const { open, say } = booksWith({ devicesAProcess: 2, devices: 3, holdings: 4 });
    const [second, third] = [open(2), open(3)];
    const answers = [
      say(alloc({ deviceId: 100 })),
      say(alloc({ deviceId: 2 ** 31 - 1 })),
      say(alloc({ deviceId: 7 })),
      say(alloc({ deviceId: 7 }), second),
      say(alloc({ deviceId: 8 }), second),
      say(alloc({ deviceId: 100 }), second),
      say(alloc({ deviceId: 100 }), third),
    ];
    const tooMany = 'too_many_devices';
    assert.deepEqual(answers, [undefined, undefined, tooMany, undefined, tooMany, undefined, tooMany]);
  });

  it('make the process partial whose reports there is no room for', () => {
    const { books, open, say } = booksWith({ buffersAProcess: 1, devicesAProcess: 1 });
    const [second, third] = [open(2), open(3)];
    for (const [process, more] of [
      [second, {}],
      [third, { bufferId: 2n }],
      [open(4), { deviceId: 1 }],
    ] as const) {
      say(alloc(), process);
      say(alloc(more), process);
    }
    const partial = takeSnapshot(books).devices[0]?.processes.map(({ pid, partial }) => [pid, partial]);
    assert.deepEqual(partial, [
      [2, false],
      [3, true],
      [4, true],
    ]);
  });

  it('let a device that only clients have named go when nobody holds anything of it and another comes', () => {
    const { books, say } = booksWith({ devices: 2 });
    books.setDevice(0, { capacity: {} });
    say(alloc({ deviceId: 1000 }));
    books.end(books.open('1', { pid: 1, partial: false }) ?? -1);
    const process = books.open('2', { pid: 2, partial: false });
    assert.equal(say(alloc({ deviceId: 2000 }), process), undefined);
    assert.deepEqual(books.deviceIds(), [0, 2000]);
  });

  it('bound the processes, and give the place of one that ended to the next', () => {
    const { books, open, say } = booksWith({ processes: 2 });
    const second = open(2);
    assert.equal(books.open('3', { pid: 3, partial: false }), undefined);
    books.end(second);
    const third = open(3);
    assert.deepEqual([say(alloc(), third), say(alloc(), second)], [undefined, 'unknown_process']);
    assert.deepEqual(
      takeSnapshot(books).devices.map(({ processes }) => processes.map(({ pid }) => pid)),
      [[3]],
    );
  });

  it('bound the buffers of one process and of all, circular buffers with cores among them', () => {
    const { open, say } = booksWith({ buffersAProcess: 2, buffers: 3 });
    const second = open(2);
    const cores = { firstX: 0, firstY: 0, lastX: 0, lastY: 0 };
    const onCores: Report = {
      kind: 'cb_alloc_cores',
      deviceId: 0,
      processId: 1,
      bufferId: 5n,
      size: 64,
      timestamp: at(NOW),
      cores,
      bytesPerCore: 64,
    };
    const answers = [
      say(alloc({ bufferId: 1n })),
      say(onCores),
      say(alloc({ bufferId: 2n })),
      say(alloc({ bufferId: 1n })),
      say(alloc({ bufferId: 3n }), second),
      say(onCores, second),
      say(free({ bufferId: 1n })),
      say(free({ bufferId: 1n })),
      say(onCores, second),
    ];
    const tooMany = 'too_many_buffers';
    assert.deepEqual(answers, [
      undefined,
      undefined,
      tooMany,
      undefined,
      undefined,
      tooMany,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('take no size above 64 times what there is of it, nor more than that of one process', () => {
    const { books, say } = booksWith();
    books.setDevice(0, { capacity: { dramBytes: GIB, l1Bytes: 1000, l1BytesPerCore: 100 } });
    const all = 64 * GIB;
    const answers = [
      say(alloc({ bufferId: 1n, size: all })),
      say(alloc({ bufferId: 2n, size: 1 })),
      say(alloc({ bufferId: 3n, size: all, bufferType: 4 })),
      say(alloc({ bufferId: 4n, size: 64_001, bufferType: 1 })),
      say(alloc({ bufferId: 5n, size: 64_000, bufferType: 3 })),
      say(alloc({ bufferId: 6n, size: 2 ** 42, bufferType: 2 })),
      say(alloc({ bufferId: 6n, size: 2n ** 64n - 1n, bufferType: 2, deviceId: 9 })),
    ];
    const impossible = 'impossible_size';
    assert.deepEqual(answers, [undefined, impossible, undefined, impossible, undefined, undefined, impossible]);
    assert.deepEqual(books.deviceIds(), [0]);
  });

  it('keep the words for refusals bounded', () => {
    const { books } = booksWith();
    for (let word = 0; word < 1000; word++) books.countRejected(`word_${word}`);
    const rejected = takeSnapshot(books).server.rejectedMessages;
    assert.deepEqual([Object.keys(rejected).length, rejected['other']], [49, 952]);
  });
});

describe('a report', () => {
  it('is refused where its padding is not zero, or its type is none', () => {
    const { books } = booksWith();
    const process = books.open('1', { pid: 1, partial: false }) ?? -1;
    const answers = [
      [1, 1],
      [3, 1],
      [17, 1],
      [19, 1],
      [0, 3],
      [0, 200],
    ].map(([at = 0, value = 0]) => {
      const frame = frameOf(alloc());
      frame.setUint8(at, value);
      return reasonOf(books.apply(process, frame, 0));
    });
    const [padding, type] = ['padding_not_zero', 'unknown_type'];
    assert.deepEqual(answers, [padding, padding, padding, padding, type, type]);
  });

  it('is read where it begins, in a frame of the shortest dialect', () => {
    const { books } = booksWith();
    const process = books.open('1', { pid: 1, partial: false }) ?? -1;
    const frame = frameOf(alloc({ size: 77 }));
    const stream = new Uint8Array(3 + 72);
    stream.set(new Uint8Array(frame.buffer, frame.byteOffset, 72), 3);
    assert.equal(books.apply(process, new DataView(stream.buffer), 3), 0);
    assert.deepEqual(books.stockTotals(0), { dram: 77, l1: 0, l1Small: 0, trace: 0, cb: 0, kernel: 0 });
  });
});
