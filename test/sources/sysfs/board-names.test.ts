import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  architectureOfBoard,
  boardOfSerial,
  boardOfSubsystem,
  hasControlledFan,
} from '../../../src/sources/sysfs/board-names.ts';

test('serials that have been seen name their boards', () => {
  assert.deepEqual(
    [
      0x010001861180b479n,
      0x010001451170c0c4n,
      // A chip of a Galaxy; all 32 have the same.
      0x0100035100000000n,
      0x0000040131924062n,
      // Two p150 in the field.
      0x00000403319141bbn,
      0x0000000000000000n,
      0xffffffffffffffffn,
    ].map(boardOfSerial),
    ['n150', 'n300', 'galaxy-wormhole', 'p150a', 'p150a', undefined, undefined],
  );
});

test('every UPI of the driver has its name', () => {
  const upis = [0x3, 0x7, 0x8, 0xb, 0x14, 0x18, 0x35, 0x36, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48];
  assert.deepEqual(
    upis.map((upi) => boardOfSerial(BigInt(upi) << 36n)),
    [
      'e150',
      'e75',
      'nb_cb',
      'wh_4u',
      'n300',
      'n150',
      'galaxy-wormhole',
      'p100',
      'p150a',
      'p150b',
      'p150c',
      'p100a',
      'p300b',
      'p300a',
      'p300c',
      'galaxy-blackhole',
      undefined,
    ],
  );
});

test('a subsystem id names a board of its own architecture only', () => {
  assert.equal(boardOfSubsystem(0x47, 'blackhole'), 'galaxy-blackhole');
  assert.equal(boardOfSubsystem(0x47, undefined), 'galaxy-blackhole');
  assert.equal(boardOfSubsystem(0x47, 'wormhole'), undefined);
  assert.equal(boardOfSubsystem(0xffff, 'wormhole'), undefined);
});

test('a board tells its architecture, and a name from elsewhere nothing', () => {
  assert.deepEqual(['n300', 'p300b', 'e75', 'constructor'].map(architectureOfBoard), [
    'wormhole',
    'blackhole',
    'grayskull',
    undefined,
  ]);
});

test('three boards have a fan that firmware controls', () => {
  assert.deepEqual(['p100a', 'p150a', 'p300a', 'p150b', 'p150c', 'p300b', 'n150'].map(hasControlledFan), [
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});
