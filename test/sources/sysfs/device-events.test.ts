import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { DeviceEvents, UntilNextEvent } from '../../../src/sources/sysfs/device-events.ts';
import { CardEnumerator } from '../../../src/sources/sysfs/enumerate.ts';
import { n150, SysfsTree } from '../../support/sysfs-tree.ts';

/** Longer than a removal goes on after its event. */
const SETTLED_MS = 3000;

/** A tree whose kernel counts events, and a clock to be set. */
function countingTree(t: TestContext): { tree: SysfsTree; clock: { now: number }; events: DeviceEvents } {
  const tree = new SysfsTree(t);
  tree.write('kernel/uevent_seqnum', '41');
  const events = new DeviceEvents(tree.root);
  t.after(() => {
    events.close();
  });
  return { tree, clock: { now: 0 }, events };
}

test('the count is what the file says, by the same descriptor, and nothing where there is no file', (t) => {
  const { tree, events } = countingTree(t);
  assert.equal(events.count(), '41\n');
  tree.write('kernel/uevent_seqnum', '42');
  assert.equal(events.count(), '42\n');
  assert.equal(new DeviceEvents(`${tree.root}/nowhere`).count(), undefined);
});

test('a value is kept from some seconds after an event until the next one', (t) => {
  const { tree, clock, events } = countingTree(t);
  const kept = new UntilNextEvent<number>(events, () => clock.now);
  let made = 0;
  const get = (now: number): number => {
    clock.now = now;
    return kept.get(() => ++made);
  };
  assert.deepEqual([get(0), get(SETTLED_MS - 1), get(SETTLED_MS), get(SETTLED_MS + 1)], [1, 2, 3, 3]);
  tree.write('kernel/uevent_seqnum', '42');
  const second = SETTLED_MS + 2;
  assert.deepEqual([get(second), get(second + SETTLED_MS), get(second + 10 * SETTLED_MS)], [4, 5, 5]);
  kept.forget();
  assert.deepEqual([get(1e6), get(1e6)], [6, 6]);
});

test('what will not do is made anew each time, and so is everything where events are not counted', (t) => {
  const { tree, clock, events } = countingTree(t);
  let made = 0;
  const make = (): number => ++made;
  const picky = new UntilNextEvent<number>(events, () => clock.now);
  const uncounted = new UntilNextEvent<number>(new DeviceEvents(`${tree.root}/nowhere`), () => clock.now);
  picky.get(make, () => false);
  uncounted.get(make);
  clock.now = 1e6;
  for (let time = 0; time < 3; time++) {
    picky.get(make, () => false);
    uncounted.get(make);
  }
  assert.equal(made, 8);
});

function addresses(enumerator: CardEnumerator): string[] {
  const found = enumerator.enumerate();
  assert.ok(found.ok);
  return found.cards.map(({ pciAddress }) => pciAddress);
}

test('the bus is listed again with the next event, or when a card is not where it was', (t) => {
  const { tree, clock } = countingTree(t);
  const [one, other] = [n150(), n150({ index: 1, address: '0000:02:00.0' })];
  tree.card(one);
  const enumerator = new CardEnumerator(tree.root, () => clock.now);
  t.after(() => {
    enumerator.close();
  });
  assert.deepEqual(addresses(enumerator), ['0000:01:00.0']);
  clock.now = SETTLED_MS;
  const settled = enumerator.enumerate();
  // No kernel does that without an event: so it shows that nothing is listed.
  tree.card(other);
  assert.equal(enumerator.enumerate(), settled);
  tree.write('kernel/uevent_seqnum', '42');
  assert.deepEqual(addresses(enumerator), ['0000:01:00.0', '0000:02:00.0']);
  clock.now += SETTLED_MS;
  assert.deepEqual(addresses(enumerator), ['0000:01:00.0', '0000:02:00.0']);
  tree.unplug(other);
  assert.deepEqual(addresses(enumerator), ['0000:01:00.0', '0000:02:00.0'], 'kept');
  enumerator.lookAgain();
  assert.deepEqual(addresses(enumerator), ['0000:01:00.0']);
});

test('a card without a driver is looked at each time: a driver that begins with it tells so only at the end', (t) => {
  const { tree, clock } = countingTree(t);
  const unbound = { ...n150(), driver: undefined };
  tree.card(unbound);
  const enumerator = new CardEnumerator(tree.root, () => clock.now);
  const bound = (): unknown => {
    const found = enumerator.enumerate();
    return found.ok && found.cards.map((card) => card.bound);
  };
  assert.deepEqual(bound(), [false]);
  clock.now = SETTLED_MS;
  assert.deepEqual(bound(), [false]);
  tree.unplug(unbound);
  tree.card(n150());
  assert.deepEqual(bound(), [true]);
});
