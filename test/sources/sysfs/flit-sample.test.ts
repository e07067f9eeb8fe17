import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FileResult } from '../../../src/io/lanes.ts';
import type { CardLocation } from '../../../src/sources/sysfs/enumerate.ts';
import { FLIT_FILES, flitLane } from '../../../src/sources/sysfs/flit-files.ts';
import { decodeFlits } from '../../../src/sources/sysfs/flit-sample.ts';

const LOCATION: CardLocation = {
  pciAddress: '0000:01:00.0',
  pciDirectory: '/pci',
  pciDeviceId: 0x401e,
  bound: true,
  driverIndex: 0,
  classDirectory: '/class',
  hwmonDirectories: [],
  generation: '1.1',
};

function text(value: string, truncated = false): FileResult {
  return { ok: true, text: `${value}\n`, truncated };
}

function code(name: string): FileResult {
  return { ok: false, code: name };
}

/** The lane's results: heartbeat, counters 0 to 11, heartbeat; with changes by position. */
function results(changes: Readonly<Record<number, FileResult>> = {}): FileResult[] {
  const whole = [text('900'), ...FLIT_FILES.map((_, index) => text(String(index))), text('901')];
  return whole.map((result, index) => changes[index] ?? result);
}

const FLITS = FLIT_FILES.map((_, index) => index);

test('a card has a lane of its own for its counters, between two readings of the heartbeat', () => {
  const names = ['mst_rd_data_word_received', 'mst_posted_wr_data_word_sent', 'mst_nonposted_wr_data_word_sent'];
  names.push('slv_rd_data_word_sent', 'slv_posted_wr_data_word_received', 'slv_nonposted_wr_data_word_received');
  const counters = [0, 1].flatMap((noc) => names.map((name) => `/class/pcie_perf_counters/${name}${noc}`));
  assert.deepEqual(flitLane(LOCATION), {
    key: 'sysfs/0000:01:00.0/flits',
    generation: '1.1',
    files: ['/class/tt_heartbeat', ...counters, '/class/tt_heartbeat'].map((path) => ({ path, maxBytes: 64 })),
  });
  assert.equal(flitLane({ ...LOCATION, classDirectory: undefined }), undefined);
});

test('a sample is the counters in order and the heartbeats around them', () => {
  assert.deepEqual(decodeFlits('c', results()), {
    sample: { heartbeats: [900, 901], flits: FLITS },
    lost: undefined,
    errors: [],
  });
});

test('a chip that is off the bus, being reset or let go of gives no sample', () => {
  const signs = { 'reads of the chip give all ones': text('4294967295') };
  const codes = { 'the chip is being reset': code('ENODATA'), 'the driver has let go of the chip': code('ENODEV') };
  for (const [why, result] of Object.entries({ ...signs, ...codes })) {
    for (const position of [0, 1, 7, 12, 13]) {
      assert.deepEqual(decodeFlits('c', results({ [position]: result })), { sample: undefined, lost: why, errors: [] });
    }
  }
});

test('files that are not there are no error: old drivers have no counters, and some firmware no heartbeat', () => {
  const none = results().map(() => code('ENOENT'));
  const sample = { heartbeats: [undefined, undefined], flits: FLITS.map(() => undefined) };
  assert.deepEqual(decodeFlits('c', none), { sample, lost: undefined, errors: [] });
});

test('what cannot be read or understood is left out, one error a reason', () => {
  const changes = { 1: code('EACCES'), 2: code('EACCES'), 4: text('many'), 5: text('12', true), 6: text('-1') };
  assert.deepEqual(decodeFlits('0000:01:00.0', results({ ...changes, 13: code('EACCES') })), {
    sample: {
      heartbeats: [900, undefined],
      flits: FLITS.map((flits, index) => ([0, 1, 3, 4, 5].includes(index) ? undefined : flits)),
    },
    lost: undefined,
    errors: [
      {
        reason: 'eacces',
        message: 'card 0000:01:00.0: eacces from 2 of its files pcie_perf_counters/*, which are not counted',
      },
      {
        reason: 'malformed',
        message: 'card 0000:01:00.0: malformed from 3 of its files pcie_perf_counters/*, which are not counted',
      },
    ],
  });
});

test('whatever the files hold, a counter is a number of 32 bits or not known', () => {
  const result = fc.oneof(
    fc.uint8Array({ maxLength: 80 }).map((bytes) => text(Buffer.from(bytes).toString('latin1'))),
    fc.integer({ min: -5, max: 2 ** 33 }).map((value) => text(String(value))),
    fc.constantFrom('EACCES', 'ENOENT', 'E524', 'EIO').map(code),
  );
  const lane = fc.array(result, { minLength: FLIT_FILES.length + 2, maxLength: FLIT_FILES.length + 2 });
  fc.assert(
    fc.property(lane, (read) => {
      const { sample, lost } = decodeFlits('c', read);
      assert.equal(sample === undefined, lost !== undefined);
      for (const flits of sample?.flits ?? []) {
        assert.ok(flits === undefined || (Number.isInteger(flits) && flits >= 0 && flits < 2 ** 32 - 1));
      }
    }),
    { numRuns: 500 },
  );
});
