import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startAlertmanager } from '../support/alertmanager.ts';
import { eventually } from '../support/eventually.ts';
import { ALERTS_FOLDER } from './rule-set.ts';

const run = promisify(execFile);
const EXAMPLE = join(ALERTS_FOLDER, 'alertmanager', 'alertmanager.yml');

type Labels = Readonly<Record<string, string>>;

test('Alertmanager takes the example, and sends each alert where it belongs', async () => {
  await run('amtool', ['check-config', EXAMPLE]);
  const receiverOf = async (...labels: string[]): Promise<string> =>
    (await run('amtool', ['config', 'routes', 'test', `--config.file=${EXAMPLE}`, ...labels])).stdout.trim();
  const name = 'alertname=TenstorrentX';
  assert.equal(await receiverOf(name, 'severity=critical', 'audience=hardware'), 'pager');
  assert.equal(await receiverOf(name, 'severity=warning', 'audience=hardware'), 'hardware-tickets');
  assert.equal(await receiverOf(name, 'severity=warning', 'audience=workload'), 'workload-tickets');
  assert.equal(await receiverOf(name, 'severity=warning', 'audience=monitoring'), 'monitoring-tickets');
  assert.equal(await receiverOf(name, 'severity=info', 'audience=workload'), 'nobody');
  assert.equal(await receiverOf('alertname=TenstorrentMaintenance', 'severity=info'), 'nobody');
  assert.equal(await receiverOf('alertname=Other', 'severity=critical'), 'nobody');
});

/** What mutes what: a source, alerts of the same chip that it mutes, and some that it must not. */
const INHIBITIONS: readonly { source: Labels; mutes: readonly Labels[]; leaves: readonly Labels[] }[] = [
  {
    source: alert('Maintenance', { device: '' }),
    mutes: [alert('DeviceUnreachable'), alert('ExporterDown', { device: '' }), alert('MemoryOrphaned')],
    leaves: [alert('DeviceUnreachable', { instance: 'b' }), alert('FleetBlind', { device: '', instance: '' })],
  },
  {
    source: alert('ExporterDown', { device: '' }),
    mutes: [alert('HeartbeatStuck'), alert('MemoryOrphaned')],
    leaves: [alert('HeartbeatStuck', { instance: 'b' })],
  },
  {
    source: alert('FleetBlind', { device: '', instance: '' }),
    mutes: [alert('ExporterDown', { device: '' }), alert('ExporterAbsent', { device: '', instance: 'b' })],
    leaves: [alert('ExporterDown', { device: '', job: 'other' }), alert('DeviceUnreachable', { instance: 'c' })],
  },
  {
    source: alert('DeviceUnreachable'),
    mutes: [alert('HeartbeatStuck'), alert('DeviceTelemetryMissing'), alert('PcieErrors'), alert('MemoryHeldIdle')],
    leaves: [alert('HeartbeatStuck', { device: '1' }), alert('ThermalTrip'), alert('MemoryOrphaned')],
  },
  {
    source: alert('HeartbeatStuck'),
    mutes: [alert('TemperatureNearLimit'), alert('DeviceTelemetryMissing')],
    leaves: [alert('ThermalTrip'), alert('TemperatureNearLimit', { device: '1' })],
  },
  {
    source: alert('DeviceDisappeared', { device: '' }),
    mutes: [alert('DevicesMissing', { device: '' })],
    leaves: [alert('FirmwareMismatch', { device: '' })],
  },
  {
    source: alert('MemoryOverCapacity', { memory: 'dram' }),
    mutes: [alert('MemoryAlmostFull', { memory: 'dram' }), alert('MemoryExhaustionPredicted', { memory: 'dram' })],
    leaves: [alert('MemoryAlmostFull', { memory: 'dram', device: '1' }), alert('MemoryOrphaned', { memory: 'dram' })],
  },
  {
    source: alert('MemoryExhaustionPredicted', { memory: 'dram', pid: '7' }),
    mutes: [alert('MemoryAlmostFull', { memory: 'dram' })],
    leaves: [alert('ProcessMemoryGrowing', { memory: 'dram', pid: '7' })],
  },
  {
    source: alert('MemoryOrphaned', { memory: 'dram', pid: '?7' }),
    mutes: [alert('MemoryUnattributed', { memory: 'dram' }), alert('MemoryHeldIdle', { memory: 'dram', pid: '8' })],
    leaves: [alert('MemoryUnattributed', { memory: 'l1' }), alert('MemoryOverCapacity', { memory: 'dram' })],
  },
];

for (const cluster of ['', 'c']) {
  test(`what follows from something else is muted, ${cluster === '' ? 'without' : 'with'} clusters`, async () => {
    const alertmanager = await startAlertmanager(await readFile(EXAMPLE, 'utf8'));
    try {
      // Each in a job of its own, so that one does not mute the other's.
      const cases = INHIBITIONS.map(({ source, mutes, leaves }, i) => ({
        all: [source, ...mutes, ...leaves].map((labels) => ({ ...labels, job: `${labels['job'] ?? ''}${i}`, cluster })),
        muted: mutes.map((labels) => ({ ...labels, job: `${labels['job'] ?? ''}${i}`, cluster })),
      }));
      const sent = cases.flatMap(({ all }) => all);
      await fetch(`http://${alertmanager.address}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(sent.map((labels) => ({ labels: withoutEmpty(labels) }))),
      });
      const expected = cases.flatMap(({ muted }) => muted.map(key)).sort();
      await eventually('all alerts to be looked at', async () => {
        const known = await alertmanager.alerts();
        return known.length === sent.length && known.every(({ status }) => status.state !== 'unprocessed');
      });
      const suppressed = (await alertmanager.alerts()).filter(({ status }) => status.inhibitedBy.length > 0);
      assert.deepEqual(suppressed.map(({ labels }) => key(labels)).sort(), expected);
    } finally {
      await alertmanager.stop();
    }
  });
}

function alert(name: string, labels: Labels = {}): Labels {
  return { alertname: `Tenstorrent${name}`, job: 'j', instance: 'a', device: '0', severity: 'warning', ...labels };
}

/** An empty label is none. */
function withoutEmpty(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}

function key(labels: Labels): string {
  return JSON.stringify(Object.entries(withoutEmpty(labels)).sort(([a], [b]) => (a < b ? -1 : 1)));
}
