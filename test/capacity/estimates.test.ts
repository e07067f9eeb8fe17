import assert from 'node:assert/strict';
import { it } from 'node:test';
import { deviceCapacity } from '../../src/capacity/device-capacity.ts';
import { estimateMemory } from '../../src/capacity/estimates.ts';
import { memory } from '../support/readings.ts';

const capacity = deviceCapacity(
  { board: 'n150', arch: 'wormhole', firmwareBundle: undefined, serial: undefined },
  undefined,
  undefined,
);

it('estimates what no tracker counts, circular buffers only while the chip is held', () => {
  assert.deepEqual(estimateMemory('wormhole', capacity, undefined, true), {
    cb: Math.round(0.31 * 72 * 1499136),
    kernel: 72 * 70656,
    firmware: 72 * 33056,
  });
  assert.equal(estimateMemory('wormhole', capacity, undefined, false).cb, undefined);
  assert.equal(estimateMemory('wormhole', capacity, undefined, undefined).cb, undefined);
});

it('never estimates a type that is tracked', () => {
  assert.deepEqual(estimateMemory('wormhole', capacity, memory({ l1: 0, cb: 0, kernel: 0 }), true), {
    cb: undefined,
    kernel: undefined,
    firmware: 72 * 33056,
  });
});

it('never estimates more circular buffers than the allocator has left', () => {
  const left = capacity.l1AllocatableBytes ?? 0;
  assert.equal(estimateMemory('wormhole', capacity, memory({ l1: left - 1000, l1_small: 400 }), true).cb, 600);
  assert.equal(estimateMemory('wormhole', capacity, memory({ l1: left + 1000 }), true).cb, 0);
});

it('says nothing of an architecture or a capacity that is not known', () => {
  const nothing = { cb: undefined, kernel: undefined, firmware: undefined };
  assert.deepEqual(estimateMemory('quasar', capacity, undefined, true), nothing);
  assert.deepEqual(estimateMemory('wormhole', { ...capacity, cores: undefined }, undefined, true), nothing);
});
