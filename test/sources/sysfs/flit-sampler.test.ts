import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { CardEnumerator } from '../../../src/sources/sysfs/enumerate.ts';
import { FlitSampler } from '../../../src/sources/sysfs/flit-sampler.ts';
import { createSysfsSource } from '../../../src/sources/sysfs/source.ts';
import { FakeLaneReader } from '../../support/fake-lane-reader.ts';
import { SysfsTree, flitFiles, n150, p150a } from '../../support/sysfs-tree.ts';
import type { CardTree } from '../../support/sysfs-tree.ts';
import { runOf } from './cards.ts';

const N150 = '0000:01:00.0';
const P150A = '0000:c1:00.0';
const DEVICES = 'devices/pci0000:00/0000:00:01.0';

/** A host with sampled cards. Only the test moves its clock and lets it sample. */
class Host {
  readonly tree: SysfsTree;
  readonly lanes = new FakeLaneReader();
  readonly sampler: FlitSampler;
  readonly #enumerator: CardEnumerator;
  readonly #timers: TestContext['mock']['timers'];
  #now = 0;

  private constructor(t: TestContext, tree: SysfsTree) {
    // One that is not moved, so that no sample is taken but the test's own.
    t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
    this.#timers = t.mock.timers;
    this.tree = tree;
    this.#enumerator = new CardEnumerator(tree.root);
    this.sampler = new FlitSampler({ path: tree.root, lanes: this.lanes, now: () => this.#now });
    t.after(() => this.sampler.close());
  }

  /** Its cards' counters stand at 0 and have been sampled once. */
  static async start(t: TestContext, ...cards: readonly CardTree[]): Promise<Host> {
    const tree = new SysfsTree(t);
    for (const card of cards) tree.card(card);
    const host = new Host(t, tree);
    await host.sampler.sample();
    return host;
  }

  /** All counters of a card. */
  count(address: string, flits: number): void {
    for (const [name, text] of Object.entries(flitFiles(String(flits)))) this.write(address, name, text ?? '');
  }

  write(address: string, name: string, text: string): void {
    const index = address === P150A ? 1 : 0;
    this.tree.write(`${DEVICES}/${address}/tenstorrent/tenstorrent!${index}/${name}`, text);
  }

  async sampleAfter(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    await this.sampler.sample();
  }

  /** A sample with a card that is blocked: it is over when its time is. */
  async sampleBlocked(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    const sampled = this.sampler.sample();
    this.#timers.tick(500);
    await sampled;
  }

  /** Flits counted, of all counters of each card: undefined where they are absent, 'mixed' where they differ. */
  counted(): Record<string, number | undefined | 'mixed'> {
    return this.take().counted;
  }

  take(): { counted: Record<string, number | undefined | 'mixed'>; errors: string[] } {
    const found = this.#enumerator.enumerate();
    assert.ok(found.ok);
    const reading = this.sampler.take();
    const counted = found.cards.map((location) => {
      const counters = reading.of(location);
      const [first] = counters;
      const same = counters.every(({ bytes }) => bytes === first?.bytes);
      return [location.pciAddress, first === undefined ? undefined : same ? first.bytes / 32 : 'mixed'] as const;
    });
    return { counted: Object.fromEntries(counted), errors: reading.errors.map(({ message }) => message) };
  }
}

function idle(heartbeat = '900'): readonly [CardTree, CardTree] {
  const attributes = { ...flitFiles('0'), tt_heartbeat: heartbeat };
  return [n150({ index: 0, attributes }), p150a({ index: 1, attributes })];
}

function leftOut(address: string, why: string): string {
  return `card ${address}: traffic between two samples of its PCIe counters is left out, because ${why}`;
}

describe('the sampler of PCIe counters', () => {
  it('sees every wrap between two scrapes', async (t) => {
    const host = await Host.start(t, ...idle());
    let flits = 0;
    for (let second = 0; second < 15; second++) {
      flits += 900_000_000;
      host.count(N150, flits % 2 ** 32);
      host.count(P150A, flits % 2 ** 32);
      await host.sampleAfter(1000);
    }
    assert.ok(flits > 3 * 2 ** 32);
    assert.deepEqual(host.take(), { counted: { [N150]: flits, [P150A]: flits }, errors: [] });
  });

  it('loses a blocked card and no other, and counts it on from what it then reads', async (t) => {
    const host = await Host.start(t, ...idle());
    host.count(N150, 100);
    host.count(P150A, 100);
    await host.sampleAfter(1000);
    host.lanes.block(`sysfs/${N150}/flits`);
    for (let second = 2; second < 12; second++) {
      host.count(P150A, second * 100);
      await host.sampleBlocked(1000);
    }
    assert.deepEqual(host.take(), {
      counted: { [N150]: undefined, [P150A]: 1100 },
      errors: [leftOut(N150, 'they were not read in time')],
    });
    host.lanes.unblock(`sysfs/${N150}/flits`);
    host.count(N150, 5000);
    await host.sampleAfter(1000);
    host.count(N150, 5001);
    await host.sampleAfter(1000);
    assert.deepEqual(host.take(), { counted: { [N150]: 101, [P150A]: 1100 }, errors: [] });
  });

  it('takes one sample at a time', async (t) => {
    const host = await Host.start(t, ...idle());
    host.lanes.block(`sysfs/${N150}/flits`);
    const one = host.sampler.sample();
    assert.equal(host.sampler.sample(), one);
    t.mock.timers.tick(500);
    await one;
    assert.notEqual(host.sampler.sample(), one);
    t.mock.timers.tick(500);
  });

  it('does not count on over all ones', async (t) => {
    const host = await Host.start(t, ...idle());
    host.count(N150, 1_000_000);
    await host.sampleAfter(1000);
    host.count(N150, 4294967295);
    await host.sampleAfter(1000);
    assert.deepEqual(host.take(), {
      counted: { [N150]: undefined, [P150A]: 0 },
      errors: [leftOut(N150, 'reads of the chip give all ones')],
    });
    host.count(N150, 2_000_000);
    await host.sampleAfter(100);
    host.count(N150, 2_000_007);
    await host.sampleAfter(1000);
    assert.deepEqual(host.take(), { counted: { [N150]: 1_000_007, [P150A]: 0 }, errors: [] });
  });

  it('does not take a reset for a wrap', async (t) => {
    const host = await Host.start(t, ...idle());
    host.count(N150, 1_000_000);
    host.count(P150A, 3_500_000_000);
    await host.sampleAfter(2000);
    host.write(N150, 'tt_heartbeat', '2');
    host.count(N150, 1_500_000);
    await host.sampleAfter(1000);
    assert.deepEqual(host.take(), {
      counted: { [N150]: 1_000_000, [P150A]: 3_500_000_000 },
      errors: [leftOut(N150, 'the chip was reset')],
    });
    host.count(N150, 1_500_001);
    await host.sampleAfter(1000);
    assert.deepEqual(host.counted(), { [N150]: 1_000_001, [P150A]: 3_500_000_000 });
  });

  it('forgets a card that leaves, and counts the one that comes in its place from 0', async (t) => {
    const [first, second] = idle();
    const host = await Host.start(t, first, second);
    host.count(N150, 100);
    await host.sampleAfter(1000);
    host.tree.unplug(first);
    assert.deepEqual(host.take(), { counted: { [P150A]: 0 }, errors: [] });
    host.tree.card(first);
    host.count(N150, 300);
    assert.deepEqual(host.counted(), { [N150]: undefined, [P150A]: 0 }, 'what was counted is of the other card');
    await host.sampleAfter(1000);
    host.count(N150, 350);
    await host.sampleAfter(1000);
    assert.deepEqual(host.take(), { counted: { [N150]: 50, [P150A]: 0 }, errors: [] });
  });

  it('counts a card that comes later', async (t) => {
    const [first, second] = idle();
    const host = await Host.start(t);
    assert.deepEqual(host.take(), { counted: {}, errors: [] });
    host.tree.card(first);
    await host.sampleAfter(1000);
    assert.deepEqual(host.counted(), { [N150]: 0 });
    host.tree.card({ ...second, driver: undefined });
    await host.sampleAfter(1000);
    assert.deepEqual(host.counted(), { [N150]: 0, [P150A]: undefined }, 'without a driver there are no counters');
  });

  it('says nothing of a driver without counters', async (t) => {
    const host = await Host.start(t, n150());
    await host.sampleAfter(60_000);
    host.lanes.fail(/heartbeat/, 'ENODATA');
    await host.sampleAfter(1000);
    assert.deepEqual(host.take(), { counted: { [N150]: undefined }, errors: [] });
  });

  it('says once a scrape what it may not read', async (t) => {
    const host = await Host.start(t, ...idle());
    host.lanes.fail(/0000:01.*slv_rd_data_word_sent0/, 'EACCES');
    for (let second = 0; second < 3; second++) await host.sampleAfter(1000);
    const refused = `card ${N150}: eacces from 1 of its files pcie_perf_counters/*, which are not counted`;
    assert.deepEqual(host.take().errors, [refused, leftOut(N150, 'some could not be read')]);
    for (let second = 0; second < 3; second++) await host.sampleAfter(1000);
    assert.deepEqual(host.take().errors, [refused]);
  });

  it('keeps its errors to itself, and not without end, where nobody scrapes', async (t) => {
    const host = await Host.start(t, ...idle());
    for (let sample = 0; sample < 600; sample++) await host.sampleAfter(60_000);
    assert.equal(host.take().errors.length, 1000);
    assert.deepEqual(host.take().errors, []);
  });

  it('knows its cards while the bus cannot be listed', async (t) => {
    const host = await Host.start(t, ...idle());
    const [first] = idle();
    host.tree.unplug(first);
    host.tree.write(`bus/pci/devices/${N150}/vendor/oops`, '');
    host.count(P150A, 7);
    await host.sampleAfter(1000);
    host.tree.remove(`bus/pci/devices/${N150}`);
    assert.deepEqual(host.counted(), { [P150A]: 7 });
  });

  it('samples at once, every second from then on, and not any more once it is closed', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
    const lanes = new FakeLaneReader();
    let samples = 0;
    lanes.beforeReading = () => {
      samples += 1;
    };
    const sampler = new FlitSampler({ path: new SysfsTree(t).card(n150()).root, lanes });
    assert.equal(samples, 1);
    for (let second = 0; second < 3; second++) {
      await sampler.sample();
      t.mock.timers.tick(999);
      assert.equal(samples, 1 + second);
      t.mock.timers.tick(1);
      assert.equal(samples, 2 + second);
    }
    await sampler.close();
    t.mock.timers.tick(60_000);
    assert.equal(samples, 4);
  });

  it('does not wait for a blocked card when it is closed', async (t) => {
    const host = await Host.start(t, ...idle());
    host.lanes.block(`sysfs/${N150}/flits`);
    const sampled = host.sampler.sample();
    // No time passes in this test.
    await host.sampler.close();
    await sampled;
    assert.equal(host.lanes.closed, false, 'others use the reader');
  });

  it('does not keep the process alive', async (t) => {
    const tree = new SysfsTree(t);
    const before = process.getActiveResourcesInfo();
    const sampler = new FlitSampler({ path: tree.root, lanes: new FakeLaneReader() });
    assert.deepEqual(process.getActiveResourcesInfo(), before);
    await sampler.close();
  });
});

describe('the sysfs source', () => {
  const card = p150a({ attributes: flitFiles('1000') });

  it('reads no PCIe counters unless it is told to', async (t) => {
    const lanes = new FakeLaneReader();
    const tree = new SysfsTree(t).card(card);
    const source = createSysfsSource({ path: tree.root, lanes });
    const read: string[] = [];
    lanes.beforeReading = () => {
      read.push(...lanes.lastLanes.flatMap(({ files }) => files.map(({ path }) => path)));
    };
    assert.deepEqual((await runOf(source)).data?.cards[0]?.flitCounters, []);
    assert.deepEqual([read.length > 0, read.filter((path) => path.includes('pcie_perf_counters'))], [true, []]);
    await source.close();
  });

  it('gives what has been counted by the time of each run, and what was left out', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const lanes = new FakeLaneReader();
    const tree = new SysfsTree(t).card(card);
    const source = createSysfsSource({ path: tree.root, lanes, flitCounters: true });
    const sampled = async (): Promise<void> => {
      t.mock.timers.tick(1000);
      await new Promise(setImmediate);
    };
    await sampled();
    const name = 'pcie_perf_counters/slv_rd_data_word_sent1';
    tree.write(`${DEVICES}/${P150A}/tenstorrent/tenstorrent!0/${name}`, '1003');
    await sampled();
    const counters = (await runOf(source)).data?.cards[0]?.flitCounters;
    assert.deepEqual(
      counters?.filter(({ bytes }) => bytes > 0),
      [{ noc: 1, role: 'slave', operation: 'read', bytes: 96 }],
    );
    assert.equal(counters.length, 12);
    lanes.fail(/perf_counters/, 'ENODEV');
    await sampled();
    const { data, errors } = await runOf(source);
    assert.deepEqual(data?.cards[0]?.flitCounters, []);
    assert.deepEqual(errors, [{ reason: 'sample_gap', message: leftOut(P150A, 'the driver has let go of the chip') }]);
    await source.close();
  });
});
