import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SlotOwners } from '../../src/join/slot-owner.ts';
import type { SlotEvidence, SlotOwner } from '../../src/join/slot-owner.ts';
import type { RegionSlot } from '../../src/sources/shared-memory/types.ts';
import { hostProcess, slot } from '../support/readings.ts';

const evidence = (part: Partial<SlotEvidence>): SlotEvidence => ({
  regionHolders: [],
  complete: true,
  deviceHolders: [],
  ...part,
});

const findSlotOwner = (of: RegionSlot, from: SlotEvidence): SlotOwner => new SlotOwners(from).find(of);

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

it('a process that started after the last update is not said to be the owner, and nobody to be gone', () => {
  const late = hostProcess(77, { startTimeSeconds: 1003 });
  assert.deepEqual(findSlotOwner(slot(77, {}), evidence({ regionHolders: [late] })), { kind: 'unknown' });
  const inTime = hostProcess(77, { startTimeSeconds: 1001 });
  assert.deepEqual(findSlotOwner(slot(77, {}), evidence({ regionHolders: [inTime] })), {
    kind: 'process',
    hostPid: 77,
  });
});

it('a living writer is not called gone when the clock is set forward, as its start seems to move with it', () => {
  const writer = hostProcess(77, { startTimeSeconds: 500 });
  const afterwards = hostProcess(77, { startTimeSeconds: 500 + 3600 });
  const written = slot(77, {}, { lastUpdateSeconds: 1000 });
  assert.deepEqual(findSlotOwner(written, evidence({ regionHolders: [writer] })), { kind: 'process', hostPid: 77 });
  assert.deepEqual(findSlotOwner(written, evidence({ regionHolders: [afterwards] })), { kind: 'unknown' });
});

it('of two holders with one PID the one that started in time is the owner', () => {
  const holders = [
    hostProcess(100, { namespacePids: [100, 1], startTimeSeconds: 900 }),
    hostProcess(200, { namespacePids: [200, 1], startTimeSeconds: 1100 }),
  ];
  assert.deepEqual(findSlotOwner(slot(1, {}), evidence({ regionHolders: holders })), { kind: 'process', hostPid: 100 });
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

it('nobody is called gone while a holder lives of which it is not known what it calls itself', () => {
  const nameless = hostProcess(300, { namespacePids: [] });
  assert.deepEqual(findSlotOwner(slot(9, {}), evidence({ regionHolders: [nameless] })), { kind: 'unknown' });
});

it('a holder shares its number with one that could not be looked through: neither is said to be the owner', () => {
  const holder = hostProcess(300, { namespacePids: [300, 9], startTimeSeconds: 500 });
  const unseen = hostProcess(301, { namespacePids: [301, 9], startTimeSeconds: 500 });
  const later = hostProcess(302, { namespacePids: [302, 9], startTimeSeconds: 5000 });
  const partly = evidence({ complete: false, regionHolders: [holder], deviceHolders: [holder] });
  const written = slot(9, {}, { lastUpdateSeconds: 1000 });
  assert.deepEqual(findSlotOwner(written, partly), { kind: 'process', hostPid: 300 });
  assert.deepEqual(findSlotOwner(written, { ...partly, deviceHolders: [holder, unseen] }), { kind: 'unknown' });
  assert.deepEqual(findSlotOwner(written, { ...partly, deviceHolders: [later] }), { kind: 'process', hostPid: 300 });
});

it('a slot that is being released is gone only where nobody holds the region, as any holder may be doing it', () => {
  const releasing = slot(-1, {});
  const holder = hostProcess(300, { namespacePids: [300, 9] });
  assert.deepEqual(findSlotOwner(releasing, evidence({ regionHolders: [holder] })), { kind: 'unknown' });
  assert.deepEqual(findSlotOwner(releasing, evidence({ complete: false })), { kind: 'unknown' });
  assert.deepEqual(findSlotOwner(releasing, evidence({})), { kind: 'gone' });
});
