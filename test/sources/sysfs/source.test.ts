import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSysfsSource } from '../../../src/sources/sysfs/source.ts';
import type { Card } from '../../../src/sources/sysfs/types.ts';
import { FakeLaneReader } from '../../support/fake-lane-reader.ts';
import { SysfsTree, n150, p150a } from '../../support/sysfs-tree.ts';
import {
  N150_CARD,
  N150_SILENT,
  P150A_CARD,
  P150A_PCI_CARD,
  P150A_SILENT,
  contextWithin,
  readTree,
  runOf,
} from './cards.ts';

const SECOND_P150A: Card = { ...P150A_CARD, index: 1, driverIndex: 1, deviceNumber: { major: 236, minor: 1 } };

test('a host without cards and driver has nothing to read', async (t) => {
  const tree = new SysfsTree(t);
  const nothing = { outcome: 'no_data', data: { driverVersion: undefined, cards: [] }, errors: [] };
  assert.deepEqual(await readTree(tree), nothing);
  tree.foreign('0000:00:1f.0');
  assert.deepEqual(await readTree(tree), nothing);
});

test('a driver without cards is a reading', async (t) => {
  const tree = new SysfsTree(t).module('2.10.0-pre');
  assert.deepEqual(await readTree(tree), {
    outcome: 'ok',
    data: { driverVersion: '2.10.0-pre', cards: [] },
    errors: [],
  });
});

test('cards without a loaded module have no driver version', async (t) => {
  const tree = new SysfsTree(t).card({ ...p150a(), driver: undefined });
  assert.deepEqual(await readTree(tree), {
    outcome: 'ok',
    data: { driverVersion: undefined, cards: [{ ...P150A_PCI_CARD, state: 'no_driver' }] },
    errors: [],
  });
});

test('a bus that cannot be listed is a failure without data', async (t) => {
  const tree = new SysfsTree(t);
  tree.write('bus/pci/devices', '');
  const { outcome, data, errors } = await readTree(tree);
  assert.deepEqual([outcome, data, errors.map(({ reason }) => reason)], ['failed', undefined, ['enotdir']]);
});

test('a driver version that is no version is an error and nothing else', async (t) => {
  const tree = new SysfsTree(t).module('two words').card(p150a());
  assert.deepEqual(await readTree(tree), {
    outcome: 'ok',
    data: { driverVersion: undefined, cards: [P150A_CARD] },
    errors: [{ reason: 'malformed', message: `${tree.root}/module/tenstorrent/version does not hold a version` }],
  });
});

test('a blocked driver costs its own card’s telemetry, not what PCI says, and not the other card', async (t) => {
  const tree = new SysfsTree(t).card(n150({ index: 0 })).card(p150a({ index: 1 }));
  const lanes = new FakeLaneReader();
  lanes.block('sysfs/0000:01:00.0');
  const source = createSysfsSource({ path: tree.root, lanes });
  const context = contextWithin(20);
  const run = source.start(context);
  await run.done;
  const { outcome, data, errors } = run.state();
  assert.deepEqual(
    { outcome, data, errors },
    {
      outcome: 'ok',
      data: { driverVersion: undefined, cards: [N150_SILENT, SECOND_P150A] },
      errors: [
        {
          reason: 'blocked',
          message:
            'sysfs/0000:01:00.0: a read is blocked, most likely by a reset that the driver waits for; ' +
            'its readings are left out until it returns',
        },
      ],
    },
  );
  lanes.unblock('sysfs/0000:01:00.0');
  assert.deepEqual((await runOf(source)).data?.cards, [N150_CARD, SECOND_P150A], 'back in the next run');
});

test('while a run goes on, the cards that are read are there, and the others without a state', async (t) => {
  const tree = new SysfsTree(t).card(n150({ index: 0 })).card(p150a({ index: 1 }));
  const lanes = new FakeLaneReader();
  lanes.block('sysfs/0000:01:00.0');
  lanes.block('sysfs/0000:01:00.0/pci');
  const source = createSysfsSource({ path: tree.root, lanes });
  const context = contextWithin(20);
  const run = source.start(context);
  const { outcome, data, durationSeconds } = run.state();
  assert.equal(outcome, undefined);
  assert.ok(durationSeconds >= 0 && durationSeconds < 10);
  assert.deepEqual(data?.cards, [
    {
      ...N150_SILENT,
      arch: undefined,
      board: undefined,
      subsystemId: undefined,
      deviceNumber: undefined,
      link: { speed: undefined, maxSpeed: undefined, width: undefined, maxWidth: undefined },
      numaNode: undefined,
    },
    SECOND_P150A,
  ]);
  await run.done;
  assert.equal(run.state().outcome, 'ok');
  assert.equal(run.state(), run.state(), 'a run that is over does not change');
});

test('a lane that is not done yet is no error', async (t) => {
  const tree = new SysfsTree(t).card(p150a());
  const lanes = new FakeLaneReader();
  lanes.hold('sysfs/0000:c1:00.0');
  const run = createSysfsSource({ path: tree.root, lanes }).start(contextWithin(20));
  const { data, errors } = run.state();
  assert.deepEqual([data?.cards, errors], [[P150A_SILENT], []]);
  await run.done;
});

test('a card without a driver has its state before anything is read', async (t) => {
  const tree = new SysfsTree(t).card({ ...p150a(), driver: undefined });
  const lanes = new FakeLaneReader();
  lanes.block('sysfs/0000:c1:00.0/pci');
  const run = createSysfsSource({ path: tree.root, lanes }).start(contextWithin(20));
  assert.deepEqual(
    run.state().data?.cards.map(({ state }) => state),
    ['no_driver'],
  );
  await run.done;
});

test('a card that is unplugged between listing and reading is left out, and the next keeps its place', async (t) => {
  const gone = n150({ index: 0 });
  const tree = new SysfsTree(t).card(gone).card(p150a({ index: 1 }));
  const lanes = new FakeLaneReader();
  lanes.beforeReading = () => {
    tree.unplug(gone);
  };
  assert.deepEqual(await readTree(tree, lanes), {
    outcome: 'ok',
    data: { driverVersion: undefined, cards: [SECOND_P150A] },
    errors: [],
  });
  lanes.beforeReading = () => undefined;
  assert.deepEqual((await readTree(tree, lanes)).data?.cards, [{ ...SECOND_P150A, index: 0 }]);
});

test('a card that is unplugged in the middle of its reading gives ENODEV and is left out', async (t) => {
  const gone = n150({ index: 0 });
  const tree = new SysfsTree(t).card(gone).card(p150a({ index: 1 }));
  const lanes = new FakeLaneReader();
  lanes.fail(/0000:01:00\.0.*(_input|_max)$/, 'ENODEV');
  lanes.afterReading = () => {
    tree.unplug(gone);
  };
  assert.deepEqual((await readTree(tree, lanes)).data?.cards, [SECOND_P150A]);
});

test('a driver that is unloaded while it is read leaves a card without one', async (t) => {
  const card = p150a();
  const tree = new SysfsTree(t).card(card);
  const lanes = new FakeLaneReader();
  lanes.beforeReading = () => {
    tree.unbind(card);
  };
  assert.deepEqual((await readTree(tree, lanes)).data?.cards, [{ ...P150A_PCI_CARD, state: 'no_driver' }]);
});

test('a card that answers ENODEV and is still there has no state', async (t) => {
  const tree = new SysfsTree(t).card(p150a());
  const lanes = new FakeLaneReader();
  lanes.fail(/tt_|_input$|_max$/, 'ENODEV');
  assert.deepEqual(await readTree(tree, lanes), {
    outcome: 'ok',
    data: { driverVersion: undefined, cards: [P150A_SILENT] },
    errors: [{ reason: 'enodev', message: 'card 0000:c1:00.0: ENODEV from 19 of its files, the first is tt_aiclk' }],
  });
});

test('refused files are one error a card and reason, and do not make it look broken', async (t) => {
  const tree = new SysfsTree(t).card(p150a());
  const lanes = new FakeLaneReader();
  lanes.fail(/tt_/, 'EACCES');
  lanes.fail(/_input$|_max$/, 'EMFILE');
  assert.deepEqual(await readTree(tree, lanes), {
    outcome: 'ok',
    data: { driverVersion: undefined, cards: [P150A_SILENT] },
    errors: [
      { reason: 'eacces', message: 'card 0000:c1:00.0: EACCES from 10 of its files, the first is tt_aiclk' },
      { reason: 'emfile', message: 'card 0000:c1:00.0: EMFILE from 9 of its files, the first is temp1_input' },
    ],
  });
});

test('a file that holds something else is named and left out', async (t) => {
  const tree = new SysfsTree(t).card(
    p150a({ attributes: { tt_serial: 'none', tt_aiclk: '8oo' }, hwmon: { temp1_input: `54000${' '.repeat(80)}` } }),
  );
  const { data, errors } = await readTree(tree);
  assert.deepEqual(data?.cards, [
    {
      ...P150A_CARD,
      serial: undefined,
      clocks: { ...P150A_CARD.clocks, ai: undefined },
      temperature: { value: undefined, limit: 90 },
    },
  ]);
  const card = `${tree.root}/bus/pci/devices/0000:c1:00.0`;
  assert.deepEqual(
    errors,
    ['tenstorrent/tenstorrent!0/tt_aiclk', 'tenstorrent/tenstorrent!0/tt_serial', 'hwmon/hwmon3/temp1_input'].map(
      (file) => ({
        reason: 'malformed',
        message: `${card}/${file} does not hold what the driver's documentation says; it was left out`,
      }),
    ),
  );
});

test('AER counts come by severity, without the kernel’s totals', async (t) => {
  const tree = new SysfsTree(t).card(
    p150a({
      pci: {
        aer_dev_correctable: 'RxErr 3\nBadTLP 0\nTOTAL_ERR_COR 3',
        aer_dev_nonfatal: 'CmpltTO 1\nTOTAL_ERR_NONFATAL 1',
        aer_dev_fatal: 'DLP 0\nTOTAL_ERR_FATAL 0',
      },
    }),
  );
  assert.deepEqual((await readTree(tree)).data?.cards[0]?.pcieErrors, [
    { severity: 'correctable', error: 'RxErr', count: 3 },
    { severity: 'correctable', error: 'BadTLP', count: 0 },
    { severity: 'nonfatal', error: 'CmpltTO', count: 1 },
    { severity: 'fatal', error: 'DLP', count: 0 },
  ]);
});

test('a card found by its class alone is read like the others', async (t) => {
  const tree = new SysfsTree(t).card(n150());
  tree.remove('bus');
  assert.deepEqual((await readTree(tree)).data?.cards, [N150_CARD]);
});

test('attributes that firmware publishes late are there in the run after', async (t) => {
  const tree = new SysfsTree(t).card({ ...p150a(), driver: { index: 0, attributes: {}, hwmon: {} } });
  const source = createSysfsSource({ path: tree.root, lanes: new FakeLaneReader() });
  assert.deepEqual((await runOf(source)).data?.cards, [{ ...P150A_SILENT, state: 'firmware_down' }]);
  tree.write('devices/pci0000:00/0000:00:01.0/0000:c1:00.0/tenstorrent/tenstorrent!0/tt_aiclk', '800');
  assert.deepEqual((await runOf(source)).data?.cards, [
    { ...P150A_SILENT, state: 'ok', clocks: { ...P150A_SILENT.clocks, ai: 800e6 } },
  ]);
});

test('closing leaves the reader, which others share, alone', async (t) => {
  const lanes = new FakeLaneReader();
  const source = createSysfsSource({ path: new SysfsTree(t).root, lanes });
  await source.close();
  assert.deepEqual([source.name, lanes.closed], ['sysfs', false]);
});
