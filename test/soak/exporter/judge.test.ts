import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseExposition } from '../../support/exposition-parser.ts';
import { judgePage } from './judge.ts';
import { Ledger } from './ledger.ts';
import { grown } from './tally.ts';
import type { SoakResult } from './tally.ts';

const ADDRESS = '0000:01:00.0';
const HELD = `held|${ADDRESS}|42|dram`;

/** A page with one chip, what a process holds, and the collectors' success. */
function page(held: string, sysfs = 1): ReturnType<typeof parseExposition> {
  const text = `# HELP tt_device_info x
# TYPE tt_device_info gauge
tt_device_info{device="0",pci_address="${ADDRESS}"} 1
# HELP tt_dram_allocated_bytes x
# TYPE tt_dram_allocated_bytes gauge
tt_dram_allocated_bytes{device="0",${held}
# HELP tt_exporter_collector_success x
# TYPE tt_exporter_collector_success gauge
tt_exporter_collector_success{collector="sysfs"} ${sysfs}
`;
  return parseExposition(Buffer.from(text), 'text');
}

/** Books with a clock of their own: the process holds 100 bytes from 10 on. */
function books(): { ledger: Ledger; at: (now: number) => Ledger } {
  let now = 10;
  const ledger = new Ledger(() => now);
  ledger.settle(HELD, 100);
  return {
    ledger,
    at: (moment) => {
      now = moment;
      return ledger;
    },
  };
}

describe('a page', () => {
  const good = page('pid="42",type="dram"} 100');

  it('is right where its numbers are those of the books', () => {
    assert.deepEqual(judgePage(good, books().ledger, 20, 30), { wrong: [], compared: 1, excused: 0 });
  });

  it('is wrong with another number, one too many and one too few', () => {
    const { ledger } = books();
    assert.deepEqual(judgePage(page('pid="42",type="dram"} 101'), ledger, 20, 30).wrong, [
      `${HELD}: the page has 101, the books 100 to 100`,
    ]);
    assert.deepEqual(judgePage(page('pid="43",type="dram"} 100'), ledger, 20, 30).wrong, [
      `held|${ADDRESS}|43|dram: the page has 100, the books `,
      `${HELD}: the page has nothing, the books 100 to 100`,
    ]);
  });

  it('may lack what a collector says that it could not read, which is counted', () => {
    assert.deepEqual(judgePage(page('pid="43",type="dram"} 1', 0), books().ledger, 20, 30), {
      wrong: [],
      compared: 1,
      excused: 2,
    });
  });

  it('may have the number of before or after, or between, while it changes, and only then', () => {
    const { at, ledger } = books();
    at(40).begin(HELD, { low: 100, high: 300, mayBeAbsent: false });
    at(60).settle(HELD, 300);
    const seen = (value: number, from: number, to: number) => ledger.allows(HELD, value, from, to);
    assert.deepEqual(
      [seen(100, 20, 30), seen(300, 20, 30), seen(100, 35, 45), seen(300, 35, 45), seen(200, 45, 50)],
      [true, false, true, true, true],
    );
    assert.deepEqual([seen(300, 70, 80), seen(100, 70, 80), seen(200, 70, 80)], [true, false, false]);
    assert.deepEqual(ledger.due(45, 50), [HELD]);
  });

  it('need not have a number that comes or goes meanwhile', () => {
    const { at, ledger } = books();
    at(40).begin(HELD);
    assert.deepEqual([ledger.due(20, 30), ledger.due(35, 45)], [[HELD], []]);
    at(60).settle(HELD, undefined);
    assert.deepEqual([ledger.due(70, 80), ledger.allows(HELD, 100, 70, 80)], [[], false]);
  });

  it('is judged the same when what is over has been forgotten', () => {
    const { at, ledger } = books();
    at(40).settle(HELD, 200);
    ledger.forget(50);
    assert.deepEqual([ledger.allows(HELD, 200, 60, 70), ledger.allows(HELD, 100, 60, 70)], [true, false]);
    at(80).settle(HELD, undefined);
    ledger.forget(90);
    assert.deepEqual([ledger.due(95, 99), ledger.allows(HELD, 200, 95, 99)], [[], false]);
  });
});

it('what grows from the second quarter to the last is named', () => {
  const samples = Array.from({ length: 40 }, (_, index) => ({
    atSeconds: index,
    processes: 2,
    residentBytes: 100 * 2 ** 20 + index * 2 ** 20,
    exporterBytes: 0,
    readerBytes: 0,
    descriptors: 200 + index,
    threads: 20,
  }));
  const result = { samples } as unknown as SoakResult;
  assert.deepEqual(grown(result), [
    `residentBytes has grown from ${115 * 2 ** 20} to ${135 * 2 ** 20}`,
    'descriptors has grown from 211 to 231',
  ]);
});
