import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AllocationBooks } from '../../../src/allocation-server/books/allocation-books.ts';
import type { Report } from '../../../src/protocol/reports.ts';
import { NOW, at, frameOf } from './frames.ts';
import { ModelBooks } from './model-books.ts';
import { SERVER, takeSnapshot } from './take-snapshot.ts';

const PROCESSES = 3;

const size = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(0, 32, 4096, 2 ** 20) },
  { weight: 1, arbitrary: fc.constantFrom<number | bigint>(2 ** 41, 2 ** 42, 2 ** 42 + 1, 2n ** 64n - 1n, 2n ** 53n) },
);
const deviceId = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 1, 31) },
  { weight: 1, arbitrary: fc.constantFrom(-1, -(2 ** 31), 2 ** 31 - 1, 8) },
);
// Few ids, so that they meet; the second pair differs in its upper half only.
const bufferId = fc.constantFrom(0n, 0x1000n, 0x1_0000_1000n);
const bufferType = fc.constantFrom(0, 1, 2, 3, 4, 0, 1, 5, 255);
const timestamp = fc.constantFrom(0n, at(NOW), at(NOW - 5), at(NOW + 100), 2n ** 64n - 1n);
const coordinate = fc.constantFrom(0, 1, 7, 31, 32, 0xffff);
const cores = fc.record({ firstX: coordinate, firstY: coordinate, lastX: coordinate, lastY: coordinate });
const goodCores = fc.constantFrom(
  { firstX: 0, firstY: 0, lastX: 7, lastY: 7 },
  { firstX: 7, firstY: 1, lastX: 7, lastY: 9 },
);

const of = { deviceId, processId: fc.constant(1) };
const report: fc.Arbitrary<Report> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('alloc'), ...of, bufferId, bufferType, size, timestamp }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('free'), ...of, bufferId }) },
  fc.record({ kind: fc.constant('cb_alloc'), ...of, bufferId, size, timestamp }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cb_free'), ...of, bufferId, size }) },
  fc.record({ kind: fc.constant('kernel_load'), ...of, bufferId, size, kernelKind: fc.nat(255), timestamp }),
  fc.record({ kind: fc.constant('kernel_unload'), ...of, bufferId, size }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('cb_alloc_cores'),
      ...of,
      bufferId,
      size,
      timestamp,
      cores: fc.oneof(goodCores, cores),
      bytesPerCore: size,
    }),
  },
  fc.record({
    kind: fc.constant('allocator_stats'),
    ...of,
    bufferType,
    timestamp,
    allocatable: size,
    allocated: size,
    free: size,
    largestFreeBlock: size,
  }),
  fc.record({ kind: fc.constant('alloc_failed'), ...of, bufferType, timestamp, size, largestFreeBlock: size }),
);

type Step =
  | { readonly do: 'report'; readonly process: number; readonly report: Report }
  | { readonly do: 'end'; readonly process: number }
  | { readonly do: 'wait' }
  | { readonly do: 'tidy' };

const process = fc.nat(PROCESSES - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 30, arbitrary: fc.record({ do: fc.constant('report'), process, report }) },
  fc.record({ do: fc.constant('end'), process }),
  fc.record({ do: fc.constant('wait') }),
  fc.record({ do: fc.constant('tidy') }),
);

/** The same steps in the books and in the model. A process that ends is followed by another. */
class Both {
  readonly books = new AllocationBooks();
  readonly model = new ModelBooks();
  readonly #handles: number[] = [];
  #opened = 0;

  constructor() {
    this.#setTime(NOW);
    for (let place = 0; place < PROCESSES; place++) this.#open(place);
  }

  take(step: Step): void {
    switch (step.do) {
      case 'wait':
        this.#setTime(this.model.now + 1);
        break;
      case 'tidy':
        this.books.tidy();
        break;
      case 'report':
        this.books.apply(this.#handle(step.process), frameOf(step.report), 0);
        this.model.apply(this.#handle(step.process), step.report);
        break;
      case 'end':
        this.books.end(this.#handle(step.process));
        this.model.end(this.#handle(step.process));
        this.#open(step.process);
    }
  }

  check(): void {
    const { model } = this;
    const document = takeSnapshot(this.books);
    const byPid = (a: { pid: number }, b: { pid: number }): number => a.pid - b.pid;
    const devices = document.devices.map((each) => ({ ...each, processes: [...each.processes].sort(byPid) }));
    assert.deepEqual(
      { ...document, devices },
      {
        schema: 1,
        minReader: 1,
        takenSeconds: model.now,
        server: {
          ...SERVER,
          messages: model.messages,
          rejectedMessages: model.rejected,
          doubtfulMessages: model.doubtful,
          ...this.#reclaimed(),
        },
        devices: model.documentDevices(),
        endedProcesses: model.ended,
      },
    );
    this.#checkStock();
  }

  #reclaimed(): { reclaimedBytes: number; reclaimedBuffers: number } {
    const sums = [...this.model.devices.values()].flatMap((device) => Object.values(device.sums));
    return {
      reclaimedBytes: sums.reduce((sum, { reclaimed }) => sum + reclaimed, 0),
      reclaimedBuffers: sums.reduce((sum, { reclaimedBuffers }) => sum + reclaimedBuffers, 0),
    };
  }

  #checkStock(): void {
    for (const [id, { sums }] of this.model.devices) {
      const { dram, l1, l1_small, host, trace, cb, kernel } = sums;
      assert.deepEqual(this.books.stockTotals(id), {
        dram: dram.live,
        l1: l1.live,
        l1Small: l1_small.live + host.live,
        trace: trace.live,
        cb: cb.live,
        kernel: kernel.live,
      });
    }
  }

  #handle(place: number): number {
    return this.#handles[place] ?? -1;
  }

  #open(place: number): void {
    const facts = { pid: ++this.#opened, partial: this.#opened % 2 === 0, comm: `job ${this.#opened}` };
    const handle = this.books.open(`${facts.pid}`, facts);
    assert.ok(handle !== undefined);
    this.#handles[place] = handle;
    this.model.processes.set(handle, { facts, holdings: new Map() });
  }

  #setTime(seconds: number): void {
    this.books.setTime(seconds);
    this.model.now = seconds;
  }
}

const wholeChip = { firstX: 0, firstY: 0, lastX: 7, lastY: 7 };
const cb = { deviceId: 1, processId: 1, bufferId: 0n };
/** A circular buffer of no size is not what one of an impossible size is. */
const impossibleFree: Step[] = [
  { kind: 'cb_alloc_cores', ...cb, size: 0, timestamp: 0n, cores: wholeChip, bytesPerCore: 32 } as const,
  { kind: 'cb_free', ...cb, size: 2n ** 64n - 1n } as const,
].map((report) => ({ do: 'report', process: 0, report }));

describe('the books', () => {
  it('say what a plain model of lists says, whatever is reported', () => {
    const steps = fc.array(step, { minLength: 1, maxLength: 120, size: 'max' });
    fc.assert(
      fc.property(steps, fc.boolean(), (steps, checkEach) => {
        const both = new Both();
        for (const step of steps) {
          both.take(step);
          if (checkEach) both.check();
        }
        both.check();
      }),
      { numRuns: 300, examples: [[impossibleFree, true]] },
    );
  });
});
