import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AllocationBooks } from '../../../src/allocation-server/books/allocation-books.ts';
import { encodeReport } from '../../../src/protocol/encode-report.ts';
import { encodeResponse } from '../../../src/protocol/answers.ts';
import type { Report } from '../../../src/protocol/reports.ts';
import { StockBooks } from '../../../src/simulator/stock-books.ts';
import { NOW, at, frameOf } from './frames.ts';

/**
 * Reports as a sane application sends them, of one process whose buffers have ids of their own: it frees what it has
 * (or what the server has never heard of), and frees circular buffers and kernels that it has.
 */
function saneReports(choices: readonly { kind: number; type: number; device: number; pick: number }[]): Report[] {
  const held = { buffer: [] as Report[], cb: [] as Report[], kernel: [] as Report[] };
  return choices.flatMap(({ kind, type, device, pick }, turn): Report[] => {
    const of = { deviceId: device, processId: 1, bufferId: BigInt(turn + 1) * 4096n, size: 64 * (pick % 50) };
    const take = (from: Report[]): Report | undefined => from.splice(pick % Math.max(1, from.length), 1)[0];
    const put = (to: Report[], report: Report, times = 1): Report[] => {
      for (let time = 0; time < times; time++) to.push(report);
      return Array.from({ length: times }, () => report);
    };
    switch (kind) {
      case 0:
        return put(held.buffer, { kind: 'alloc', ...of, bufferType: type, timestamp: at(NOW) }, 1 + (pick % 2));
      case 1:
        return put(held.cb, { kind: 'cb_alloc', ...of, timestamp: at(NOW) });
      case 2:
        return put(held.kernel, { kind: 'kernel_load', ...of, kernelKind: 0, timestamp: at(NOW) });
      case 3: {
        const { deviceId, bufferId } = { ...of, ...take(held.buffer) };
        return [{ kind: 'free', deviceId, processId: 1, bufferId }];
      }
      case 4: {
        const cb = take(held.cb);
        return cb?.kind === 'cb_alloc' ? [{ ...cb, kind: 'cb_free' }] : [];
      }
      default: {
        const kernel = take(held.kernel);
        return kernel?.kind === 'kernel_load' ? [{ ...kernel, kind: 'kernel_unload' }] : [];
      }
    }
  });
}

describe('a stock monitor', () => {
  it('gets the same bytes as from the stock server where applications are sane', () => {
    const choice = fc.record({ kind: fc.nat(5), type: fc.nat(4), device: fc.nat(7), pick: fc.nat(1000) });
    fc.assert(
      fc.property(fc.array(choice, { maxLength: 200, size: 'max' }), (choices) => {
        const [stock, books] = [new StockBooks(), new AllocationBooks()];
        books.setTime(NOW);
        const process = books.open('1', { pid: 1, partial: false }) ?? -1;
        for (const report of saneReports(choices)) {
          stock.take('C', encodeReport('C', report));
          books.apply(process, frameOf(report), 0);
        }
        for (let device = 0; device < 8; device++) {
          assert.deepEqual(
            encodeResponse('C', device, books.stockTotals(device)),
            encodeResponse('C', device, stock.totals(device)),
          );
        }
      }),
    );
  });

  it('gets zeros about a device that nobody has spoken of', () => {
    const none = { dram: 0, l1: 0, l1Small: 0, trace: 0, cb: 0, kernel: 0 };
    assert.deepEqual(new AllocationBooks().stockTotals(77), none);
  });
});
