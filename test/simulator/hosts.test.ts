import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, readSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { HOST_KINDS } from '../../src/simulator/host-kinds.ts';
import type { HostKind } from '../../src/simulator/host-kinds.ts';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { HostOptions, SimulatedHost } from '../../src/simulator/hosts.ts';
import { listTree } from '../../src/simulator/tree.ts';

const BOOT = 1_767_225_600;

async function host(t: TestContext, kind: HostKind, options: HostOptions = {}): Promise<SimulatedHost> {
  const made = await createSimulatedHost(kind, { bootTime: BOOT, ...options });
  t.after(() => made.close());
  return made;
}

/** The attributes of the only card, as its files have them. */
function shown(made: SimulatedHost, names: readonly string[]): string[] {
  return names.map((name) => readFileSync(made.card(0).path(name), 'utf8').trimEnd());
}

describe('the tree of a host', () => {
  for (const kind of ['n150', 'p150'] as const) {
    it(`of kind ${kind} is this, entry by entry`, async (t) => {
      const made = await host(t, kind);
      const expected = readFileSync(join(import.meta.dirname, 'trees', `${kind}.txt`), 'utf8');
      assert.deepEqual(listTree(made.root), expected.trimEnd().split('\n'));
    });
  }

  for (const kind of HOST_KINDS) {
    it(`of kind ${kind} is the same twice, also after some steps, and has no dangling link`, async (t) => {
      const [one, two] = [await host(t, kind), await host(t, kind)];
      for (const made of [one, two]) {
        for (const card of made.cards) card.setLoad(0.7);
        made.step(15);
        made.step(15);
      }
      const lines = listTree(one.root);
      const other = listTree(two.root).filter((line) => !line.startsWith('faults.json'));
      assert.deepEqual(
        lines.filter((line) => !line.startsWith('faults.json')),
        other,
      );
      for (const line of lines) {
        const link = line.split(' -> ');
        // The classes and the bus itself are folders that only real sysfs makes.
        if (link.length === 2 && !line.includes('/subsystem -> ')) {
          assert.ok(existsSync(join(one.root, link[0] ?? '')), line);
        }
      }
    });
  }

  it('resolves from the class to the PCI function and to hwmon', async (t) => {
    const made = await host(t, 'p150');
    const device = realpathSync(join(made.sysfs, 'class/tenstorrent/tenstorrent!0/device'));
    assert.equal(basename(device), '0000:c1:00.0');
    assert.equal(realpathSync(join(made.sysfs, 'class/hwmon/hwmon3/device')), device);
    assert.equal(realpathSync(join(made.sysfs, 'bus/pci/devices/0000:c1:00.0')), device);
  });

  it('numbers a Wormhole Galaxy by tray, not by bus', async (t) => {
    const made = await host(t, 'galaxy');
    const numbers = made.cards.map((card) => [card.plan.pciAddress, card.driverIndex]);
    const tray = (digit: string, first: number): unknown[] =>
      Array.from({ length: 8 }, (_, i) => [`0000:${digit}${i + 1}:00.0`, first + i]);
    assert.deepEqual(numbers, [...tray('0', 16), ...tray('4', 24), ...tray('8', 8), ...tray('c', 0)]);
    assert.equal(new Set(made.cards.map((card) => card.value('tt_serial'))).size, 1);
    assert.equal(new Set(made.chips.map((chip) => chip.chipId)).size, 32);
  });

  it('takes a folder that is given, and removes it', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'tt-given-'));
    const root = join(parent, 'host');
    const made = await createSimulatedHost('n150', { root });
    assert.ok(existsSync(join(root, 'sys')));
    await made.close();
    assert.equal(existsSync(root), false);
    rmSync(parent, { recursive: true });
  });

  it('has the boot time of the real host where none is given', async (t) => {
    const made = await createSimulatedHost('empty');
    t.after(() => made.close());
    const btime = /^btime \d+$/m;
    assert.equal(
      btime.exec(readFileSync(join(made.procfs, 'stat'), 'utf8'))?.[0],
      btime.exec(readFileSync('/proc/stat', 'utf8'))?.[0],
    );
  });
});

describe('the chips of a host', () => {
  const expected: [HostKind, unknown][] = [
    ['n150', [[0, 0, false, 72059269368820857n]]],
    [
      'n300',
      [
        [0, 0, false, 9956278468n],
        [1, 0, true, 14251245764n],
      ],
    ],
    ['p150', [[0, 0, false, 140901540695104n]]],
    ['no-driver', []],
  ];
  for (const [kind, chips] of expected) {
    it(`of kind ${kind} have the ids of real cluster descriptors`, async (t) => {
      const made = await host(t, kind);
      const found = made.chips.map((chip) => [chip.logicalId, chip.card, chip.remote, chip.chipId]);
      assert.deepEqual(found, chips);
    });
  }

  it('of a T3000 are four on PCIe and four behind them', async (t) => {
    const made = await host(t, 't3000');
    const found = made.chips.map((chip) => [chip.logicalId, chip.card, chip.remote]);
    assert.deepEqual(found, [
      ...[0, 1, 2, 3].map((card) => [card, card, false]),
      ...[0, 1, 2, 3].map((card) => [card + 4, card, true]),
    ]);
    assert.equal(new Set(made.chips.map((chip) => chip.chipId)).size, 8);
  });
});

describe('a card', () => {
  it('shows new values to a reader that has the file open', async (t) => {
    const made = await host(t, 'n150');
    const fd = openSync(made.card(0).path('temp1_input'), 'r');
    t.after(() => {
      closeSync(fd);
    });
    const read = (): string => {
      const bytes = Buffer.alloc(64);
      return bytes.toString('utf8', 0, readSync(fd, bytes, 0, 64, 0));
    };
    assert.equal(read(), '41187\n');
    made.setSensor(0, 'temp1_input', 123_456);
    assert.equal(read(), '123456\n');
    made.setSensor(0, 'temp1_input', 9);
    assert.equal(read(), '9\n');
  });

  it('refuses an attribute that it does not have', async (t) => {
    const made = await host(t, 'n150');
    assert.throws(() => {
      made.setSensor(0, 'fan1_input', 1);
    }, /card 0 has no attribute fan1_input/);
    assert.throws(() => {
      made.setSensor(1, 'tt_aiclk', 1);
    }, /this host has no card 1: it has 1/);
  });

  it('moves with its load: the clock at once, the temperature slowly, the counters wrap', async (t) => {
    const made = await host(t, 'p150');
    const names = ['tt_aiclk', 'tt_heartbeat', 'tt_axiclk'];
    made.step(2);
    assert.deepEqual(shown(made, names), ['800', '902164', '960']);
    const [idle] = shown(made, ['temp1_input']).map(Number);
    made.card(0).setLoad(1);
    made.step(1);
    assert.deepEqual(shown(made, names), ['1350', '902174', '960']);
    made.step(120);
    const [busy] = shown(made, ['temp1_input']).map(Number);
    assert.ok(Number(idle) < 55_000 && Number(busy) > 76_000, `${idle} ${busy}`);
    const [flits] = shown(made, ['pcie_perf_counters/mst_posted_wr_data_word_sent0']).map(Number);
    assert.ok(Number(flits) < 2 ** 32);
  });

  it('that is frozen stands still, also its heartbeat', async (t) => {
    const made = await host(t, 'frozen');
    const before = made.card(0).attributes.map((name) => [name, made.card(0).value(name)]);
    made.step(60);
    assert.deepEqual(
      made.card(0).attributes.map((name) => [name, made.card(0).value(name)]),
      before,
    );
    made.card(0).recover();
    made.step(1);
    assert.deepEqual(shown(made, ['tt_heartbeat']), ['902154']);
  });

  it('off the bus shows all ones as its driver scales them, and what it had once it is back', async (t) => {
    const names = ['temp1_input', 'curr1_max', 'power1_input', 'tt_serial', 'current_link_width', 'tt_eth_fw_ver'];
    const old = await host(t, 'all-ones-wh28');
    assert.deepEqual(shown(old, names), ['4095937', '65535000', '1110490560', 'F'.repeat(16), '63', '255.15.4095']);
    const made = await host(t, 'n150');
    made.card(0).allOnes();
    made.step(1);
    assert.deepEqual(shown(made, names), ['65535999', '4294966296', '4293967296', 'F'.repeat(16), '63', '255.15.4095']);
    made.card(0).recover();
    assert.deepEqual(shown(made, names).slice(3), ['010001861180B479', '16', '7.2.0']);
  });

  it('with an old driver has no counters, no heartbeat and nobody to say who holds it', async (t) => {
    const made = await host(t, 'old-driver');
    const left = made.card(0).attributes.filter((name) => /^(tt_|pcie)/.test(name));
    assert.deepEqual(left.sort(), [
      'tt_aiclk',
      'tt_arc_fw_ver',
      'tt_arcclk',
      'tt_axiclk',
      'tt_card_type',
      'tt_eth_fw_ver',
      'tt_fw_bundle_ver',
      'tt_m3app_fw_ver',
      'tt_m3bl_fw_ver',
      'tt_serial',
      'tt_ttflash_ver',
    ]);
    assert.equal(existsSync(join(made.procfs, 'driver/tenstorrent/0')), false);
  });

  it('goes and comes back under another number', async (t) => {
    const made = await host(t, 'mixed');
    const events = readFileSync(join(made.sysfs, 'kernel/uevent_seqnum'), 'utf8');
    const before = listTree(made.root).filter((line) => !/^(faults\.json|sys\/kernel)/.test(line));
    made.unplug(1);
    assert.notEqual(readFileSync(join(made.sysfs, 'kernel/uevent_seqnum'), 'utf8'), events);
    const card = (line: string): boolean =>
      line.includes('0000:41:00.0') || /tenstorrent[!/]1\b|hwmon4 |by-id\/wormhole-0123456789ABCDF0/.test(line);
    const present = listTree(made.root).filter((line) => !/^(faults\.json|\.gone|sys\/kernel)/.test(line));
    assert.deepEqual(
      present,
      before.filter((line) => !card(line)),
    );
    assert.equal(made.card(1).driverIndex, undefined);
    made.step(1);
    assert.throws(() => {
      made.replug(1, 2);
    }, /driver index 2 is in use/);
    made.replug(1, 5);
    assert.equal(basename(realpathSync(join(made.sysfs, 'class/tenstorrent/tenstorrent!5/device'))), '0000:41:00.0');
    assert.equal(readFileSync(join(made.procfs, 'driver/tenstorrent/5/pids'), 'utf8'), '');
    assert.equal(made.card(1).value('tt_heartbeat'), '184467');
  });
});
