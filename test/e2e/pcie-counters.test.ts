import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import type { HostKind } from '../../src/simulator/host-kinds.ts';
import { eventually } from '../support/eventually.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { startExporter } from '../support/start-exporter.ts';
import type { RunningExporter } from '../support/start-exporter.ts';

const FAMILY = 'tt_device_pcie_noc_bytes_total';
const WRAP = 2 ** 32;

type Counters = Readonly<Record<string, number>>;

/** The driver's names by ours. */
const FILES: Readonly<Record<string, string>> = {
  'master read': 'mst_rd_data_word_received',
  'master write_posted': 'mst_posted_wr_data_word_sent',
  'master write_nonposted': 'mst_nonposted_wr_data_word_sent',
  'slave read': 'slv_rd_data_word_sent',
  'slave write_posted': 'slv_posted_wr_data_word_received',
  'slave write_nonposted': 'slv_nonposted_wr_data_word_received',
};

/** What the page says of a device, by the name of the driver's file. */
async function counted(exporter: RunningExporter, device = '0'): Promise<Counters> {
  const { body } = await exporter.scrape();
  const family = parseExposition(Buffer.from(body), 'text').find(({ name }) => name === FAMILY);
  const samples = family?.samples.filter(({ labels }) => labels['device'] === device) ?? [];
  return Object.fromEntries(
    samples.map(({ labels, value }) => {
      const name = FILES[`${labels['role'] ?? ''} ${labels['operation'] ?? ''}`] ?? '';
      return [`${name}${labels['noc'] ?? ''}`, value];
    }),
  );
}

/** The card's counters as they stand, by the name of the driver's file. */
function standing(host: SimulatedHost): Counters {
  const folder = 'pcie_perf_counters/';
  const names = host.card(0).attributes.filter((name) => name.startsWith(folder));
  return Object.fromEntries(names.map((name) => [name.slice(folder.length), Number(host.card(0).value(name))]));
}

/** Lets the card work for a second, and gives what it moved, in bytes. */
function work(host: SimulatedHost): Counters {
  const before = standing(host);
  host.step(1);
  const after = standing(host);
  return map(after, (flits, name) => ((flits - (before[name] ?? 0) + WRAP) % WRAP) * 32);
}

function map(counters: Counters, change: (value: number, name: string) => number): Counters {
  return Object.fromEntries(Object.entries(counters).map(([name, value]) => [name, change(value, name)]));
}

function plus(one: Counters, other: Counters): Counters {
  return map(one, (value, name) => value + (other[name] ?? 0));
}

function matches(one: Counters, other: Counters): boolean {
  return Object.keys(one).length === 12 && Object.entries(one).every(([name, value]) => other[name] === value);
}

async function started(kind: HostKind, flags: readonly string[]) {
  const host = await createSimulatedHost(kind);
  const exporter = await startExporter([...host.flags(), ...flags], { env: host.faultsEnvironment() });
  const stop = async (): Promise<void> => {
    await exporter.stop();
    await host.close();
  };
  return { host, exporter, stop };
}

describe('PCIe counters', () => {
  it('are not read without --sysfs.pcie-counters', async () => {
    const { exporter, stop } = await started('n150', []);
    try {
      assert.doesNotMatch((await exporter.scrape()).body, new RegExp(FAMILY));
    } finally {
      await stop();
    }
  });

  it('are counted across wraps and resets', async () => {
    const { host, exporter, stop } = await started('n150', ['--sysfs.pcie-counters']);
    try {
      const nothing = map(standing(host), () => 0);
      await eventually('the first sample', async () => matches(nothing, await counted(exporter)));
      host.card(0).setLoad(0.5);
      let total = plus(nothing, work(host));
      assert.ok(Number(standing(host)['mst_posted_wr_data_word_sent0']) < WRAP / 2, 'it has wrapped');
      await eventually('what went over a wrap', async () => matches(total, await counted(exporter)));
      total = plus(total, work(host));
      await eventually('what came after it', async () => matches(total, await counted(exporter)));

      host.card(0).beginReset();
      await eventually('the reset to be seen', async () => Object.keys(await counted(exporter)).length === 0);
      host.card(0).recover();
      await eventually('the totals from before it', async () => matches(total, await counted(exporter)));
      total = plus(total, work(host));
      await eventually('what came after the reset', async () => matches(total, await counted(exporter)));
      const { body } = await exporter.scrape();
      assert.match(body, /^tt_exporter_read_errors_total\{collector="sysfs",reason="sample_gap"\} [1-9]/m);
    } finally {
      await stop();
    }
  });

  it('of a healthy card are counted while 31 others are blocked', async () => {
    const { host, exporter, stop } = await started('galaxy', ['--sysfs.pcie-counters']);
    try {
      await eventually('the first sample', async () => Object.keys(await counted(exporter, '31')).length === 12);
      for (let index = 0; index < 31; index++) host.blockSensor(index);
      host.card(31).setLoad(0.5);
      await eventually('the blocked ones to be absent', async () => Object.keys(await counted(exporter)).length === 0);
      const before = await eventually('the healthy one', async () => {
        const counters = await counted(exporter, '31');
        return Object.keys(counters).length === 12 && counters;
      });
      host.step(1);
      const grown = (now: Counters): boolean =>
        Object.entries(now).some(([name, value]) => value > (before[name] ?? value));
      await eventually('the healthy one to go on', async () => grown(await counted(exporter, '31')));
      const { body } = await exporter.scrape();
      assert.match(body, /^tt_exporter_devices_skipped 31$/m);
      assert.match(body, /^tt_device_temperature_celsius\{device="31",/m);
    } finally {
      const start = performance.now();
      await stop();
      assert.ok(performance.now() - start < 3000, 'it ends in spite of them');
    }
  });
});
