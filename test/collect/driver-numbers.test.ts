import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { DriverNumbers } from '../../src/collect/driver-numbers.ts';
import type { Card } from '../../src/sources/sysfs/types.ts';
import { card, procfs } from '../support/readings.ts';

const ADDRESSES = ['0000:01:00.0', '0000:41:00.0'] as const;

/** A sysfs with the driver's class alone, in which cards can be given other numbers. */
function classOnly(t: TestContext) {
  const sysfs = mkdtempSync(join(tmpdir(), 'numbers-'));
  t.after(() => {
    rmSync(sysfs, { recursive: true });
  });
  mkdirSync(join(sysfs, 'kernel'));
  let events = 0;
  const give = (numbers: readonly number[]): void => {
    rmSync(join(sysfs, 'class'), { recursive: true, force: true });
    mkdirSync(join(sysfs, 'class/tenstorrent'), { recursive: true });
    for (const [place, number] of numbers.entries()) {
      const target = `../../devices/pci0000:00/${ADDRESSES[place] ?? ''}/tenstorrent/tenstorrent!${number}`;
      symlinkSync(target, join(sysfs, `class/tenstorrent/tenstorrent!${number}`));
    }
    writeFileSync(join(sysfs, 'kernel/uevent_seqnum'), `${++events}\n`);
  };
  give([0, 1]);
  const numbers = new DriverNumbers(sysfs);
  t.after(() => {
    numbers.close();
  });
  return { sysfs, numbers, give };
}

function cards(...numbers: readonly number[]): Card[] {
  return numbers.map((driverIndex, index) => card({ index, driverIndex, pciAddress: ADDRESSES[index] ?? '' }));
}

const HOLDERS = procfs({ devices: { 0: [100], 1: [200] } });

/** Numbers whose holders are believed. */
function believed(numbers: DriverNumbers, before: ReturnType<DriverNumbers['begin']>, read: readonly Card[]): number[] {
  return [...numbers.withoutUnsure(before, read, HOLDERS).devices.keys()];
}

test('holders are believed while no device has come or gone', (t) => {
  const { numbers } = classOnly(t);
  const before = numbers.begin();
  assert.equal(numbers.withoutUnsure(before, cards(0, 1), HOLDERS), HOLDERS);
});

test("holders of a number that has become the other card's since the cards were read are left out", (t) => {
  const { numbers, give } = classOnly(t);
  const before = numbers.begin();
  give([1, 0]);
  assert.deepEqual(believed(numbers, before, cards(0, 1)), []);
  assert.deepEqual(believed(numbers, numbers.begin(), cards(1, 0)), [0, 1]);
});

test("and where it had been the other card's when the list of holders may have been read", (t) => {
  const { numbers, give } = classOnly(t);
  believed(numbers, numbers.begin(), cards(0, 1));
  const before = numbers.begin();
  give([1, 0]);
  assert.deepEqual(believed(numbers, before, cards(1, 0)), []);
});

test('of a card that has gone too, but not of one that stays while other devices come and go', (t) => {
  const { numbers, give } = classOnly(t);
  const before = numbers.begin();
  give([0]);
  assert.deepEqual(believed(numbers, before, cards(0, 1)), [0]);
});

test('where neither events nor the class can be read, holders are believed as long as numbers stay', (t) => {
  const { sysfs } = classOnly(t);
  const numbers = new DriverNumbers(join(sysfs, 'nowhere'));
  assert.deepEqual(believed(numbers, numbers.begin(), cards(0, 1)), [0, 1]);
  assert.deepEqual(believed(numbers, numbers.begin(), cards(0, 1)), [0, 1]);
  assert.deepEqual(believed(numbers, numbers.begin(), cards(1, 0)), []);
});
