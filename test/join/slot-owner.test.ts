import assert from 'node:assert/strict';
import { it } from 'node:test';
import { findSlotOwner } from '../../src/join/slot-owner.ts';
import type { SlotEvidence } from '../../src/join/slot-owner.ts';
import { hostProcess, slot } from '../support/readings.ts';

const evidence = (part: Partial<SlotEvidence>): SlotEvidence => ({
  regionHolders: [],
  complete: true,
  deviceHolders: [],
  ...part,
});

it('a slot belongs to the one holder that sees itself under its PID', () => {
  const holders = [hostProcess(4242, { namespacePids: [4242, 17] }), hostProcess(17)];
  assert.deepEqual(findSlotOwner(slot(17, {}), evidence({ regionHolders: holders.slice(0, 1) })), {
    kind: 'process',
    hostPid: 4242,
  });
});

it('two holders that see themselves under one PID are ambiguous', () => {
  const holders = [hostProcess(100, { namespacePids: [100, 1] }), hostProcess(200, { namespacePids: [200, 1] })];
  assert.deepEqual(findSlotOwner(slot(1, {}), evidence({ regionHolders: holders })), { kind: 'unknown' });
});

it('a process that started after the last update did not write it', () => {
  const late = hostProcess(77, { startTimeSeconds: 1003 });
  assert.deepEqual(findSlotOwner(slot(77, {}), evidence({ regionHolders: [late] })), { kind: 'gone' });
  const inTime = hostProcess(77, { startTimeSeconds: 1001 });
  assert.deepEqual(findSlotOwner(slot(77, {}), evidence({ regionHolders: [inTime] })), {
    kind: 'process',
    hostPid: 77,
  });
});

it('nobody is called gone unless everything was looked at', () => {
  assert.deepEqual(findSlotOwner(slot(77, {}), evidence({})), { kind: 'gone' });
  assert.deepEqual(findSlotOwner(slot(77, {}), evidence({ complete: false })), { kind: 'unknown' });
});

it('a process that holds the device names the owner where the region could not be looked at, and only alone', () => {
  const one = hostProcess(300, { namespacePids: [300, 9] });
  const two = hostProcess(301, { namespacePids: [301, 9] });
  const blind = evidence({ complete: false, deviceHolders: [one] });
  assert.deepEqual(findSlotOwner(slot(9, {}), blind), { kind: 'process', hostPid: 300 });
  assert.deepEqual(findSlotOwner(slot(9, {}), { ...blind, deviceHolders: [one, two] }), { kind: 'unknown' });
  assert.deepEqual(findSlotOwner(slot(9, {}), { ...blind, complete: true }), { kind: 'gone' });
});
