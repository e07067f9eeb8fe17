import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SERIES_FAMILY } from '../../src/metrics/catalogue/exporter.ts';
import { FAMILIES } from '../../src/metrics/catalogue.ts';
import { OWN_FAMILIES } from '../../src/metrics/prom-client/own-families.ts';
import type { DeviceSnapshot } from '../../src/snapshot/snapshot.ts';
import { bareDevice, bareMemory, bareSnapshot, richCard, richSnapshot } from '../support/rich-snapshot.ts';
import { drawChecked } from './checking-sink.ts';

const ALL = [...FAMILIES, SERIES_FAMILY, ...OWN_FAMILIES];
const UNITS = [
  'bytes',
  'seconds',
  'celsius',
  'volts',
  'amperes',
  'watts',
  'hertz',
  'rpm',
  'lanes',
  'transfers_per_second',
];
/** Prometheus keeps these to itself or renames them when a target's own labels have them. */
const FOREIGN_LABELS = ['job', 'instance', 'pod', 'namespace', 'container', 'le', 'quantile'];

describe('the catalogue', () => {
  it('has each name once', () => {
    const names = ALL.map((family) => family.name);
    assert.deepEqual(names, [...new Set(names)]);
  });

  it('has each name once in OpenMetrics too, where counters lose their suffix', () => {
    const names = ALL.map((family) => (family.type === 'counter' ? family.name.replace(/_total$/, '') : family.name));
    assert.deepEqual(names, [...new Set(names)]);
  });

  it('keeps families of one group together', () => {
    const groups = FAMILIES.map((family) => family.group);
    assert.deepEqual(
      groups.filter((group, at) => group !== groups[at - 1]),
      ['memory', 'allocation_server', 'processes', 'telemetry', 'exporter'],
    );
  });

  it('draws of a device that is drawn by itself nothing but its label and what it says to be all', () => {
    const snapshot = richSnapshot();
    const drawn = FAMILIES.filter((family) => family.byDevice !== undefined);
    assert.ok(drawn.length > 0);
    for (const family of drawn) {
      const { name, byDevice } = family;
      const samples: unknown[] = [];
      const sink = {
        sample: (...sample: unknown[]) => void samples.push(sample),
        wide: () => assert.fail(`${name}: labels of its own`),
      };
      const take = (device: DeviceSnapshot): unknown[] => {
        byDevice?.draw(device, sink);
        return samples.splice(0);
      };
      const byItself = snapshot.devices.flatMap((device) => {
        const { label, memory, holders } = device;
        const other = bareDevice(label, {
          memory: memory && bareMemory({ processes: memory.processes }),
          holders: holders && { descriptors: 99, invisible: 98, byPid: holders.byPid },
        });
        assert.equal(byDevice?.source(other), byDevice?.source(device));
        const whole = take(device);
        assert.deepEqual(take(other), whole, name);
        if (byDevice?.source(device) === undefined) assert.deepEqual(whole, []);
        return whole;
      });
      assert.ok(byItself.length > 0, name);
      family.draw(snapshot, sink);
      assert.deepEqual(samples, byItself);
    }
  });

  for (const family of ALL) {
    it(`names ${family.name} by the conventions`, () => {
      assert.match(family.name, /^tt_[a-z0-9]+(?:_[a-z0-9]+)*$/);
      assert.equal(family.name.endsWith('_total'), family.type === 'counter', '_total is for counters');
      assert.doesNotMatch(family.name, /_(?:count|sum|bucket|gauge|counter|ratio_percent|mb|ms|mhz)$/);
      assert.equal(new Set(family.labels).size, family.labels.length);
      for (const label of family.labels) {
        assert.match(label, /^[a-z]+(?:_[a-z]+)*$/);
        assert.ok(!FOREIGN_LABELS.includes(label), label);
      }
    });

    it(`explains ${family.name} in one plain line`, () => {
      assert.match(family.help, /^[A-Z].{20,}\.$/);
      assert.doesNotMatch(family.help, /\s\s|\n|\.\.|\\/);
    });
  }

  for (const family of [...FAMILIES, SERIES_FAMILY]) {
    it(`gives ${family.name} the unit that its name ends in`, () => {
      const base = family.name.replace(/_total$/, '');
      const unit = UNITS.find((candidate) => base.endsWith(`_${candidate}`));
      assert.equal(family.unit, unit);
    });
  }

  for (const family of FAMILIES) {
    it(`draws ${family.name} from a host of which everything is known`, () => {
      const samples = drawChecked(family, richSnapshot());
      assert.ok(samples.length > 0);
      if (family.name.endsWith('_info')) assert.ok(samples.every(({ value }) => value === 1));
      if (family.labels.includes('state') && family.name !== 'tt_devices' && family.name !== 'tt_memory_regions') {
        assert.ok(samples.every(({ value }) => value === 0 || value === 1));
      }
    });
  }

  it('draws nothing that is unknown', () => {
    const device = bareDevice('0');
    assert.deepEqual(drawAll(bareSnapshot({ devices: [device] })), ['tt_device_info', 'tt_exporter_processes_folded']);
  });

  it('draws no reading of a card whose read is blocked', () => {
    const nothing = { value: undefined, limit: undefined };
    const card = richCard({
      state: undefined,
      firmware: [],
      temperature: nothing,
      voltage: nothing,
      current: nothing,
      power: nothing,
      fanRpm: undefined,
      clocks: { ai: undefined, axi: undefined, arc: undefined },
      heartbeat: undefined,
      thermalTrips: undefined,
      link: { speed: undefined, maxSpeed: undefined, width: undefined, maxWidth: undefined },
      pcieErrors: [],
      flitCounters: [],
      rejected: [],
    });
    assert.deepEqual(drawAll(bareSnapshot({ devices: [bareDevice('0', { card })] })), [
      'tt_device_info',
      'tt_exporter_processes_folded',
    ]);
  });
});

/** Names of the families that have samples. */
function drawAll(snapshot: ReturnType<typeof bareSnapshot>): string[] {
  return FAMILIES.filter((family) => drawChecked(family, snapshot).length > 0).map((family) => family.name);
}
