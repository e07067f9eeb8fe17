import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { GIB, MIB } from '../../../src/simulator/patterns.ts';
import { startWorkload } from '../../../src/simulator/workload.ts';
import { eventually } from '../../support/eventually.ts';
import { startMonitoredHost } from './monitored-host.ts';
import type { MonitoredHost } from './monitored-host.ts';
import type { SentAlert } from './webhook.ts';

/** TT-Metal's numbers on the mixed host; the devices have the same. */
const N150 = 0;
const N300 = 1;
const P150 = 2;
/** An alert has to be scraped, evaluated some times, grouped and sent. */
const SECONDS = 60;

describe('with a real Prometheus and a real Alertmanager', () => {
  let monitored: MonitoredHost;
  before(async () => {
    monitored = await startMonitoredHost();
  });
  after(() => monitored.close());

  const sent = (status: SentAlert['status'], labels: Readonly<Record<string, string>>): SentAlert | undefined =>
    monitored.webhook.alerts.findLast(
      (alert) =>
        alert.status === status && Object.entries(labels).every(([name, value]) => alert.labels[name] === value),
    );
  const told = (status: SentAlert['status'], labels: Readonly<Record<string, string>>): Promise<SentAlert> =>
    eventually(`${labels['alertname'] ?? ''} ${status}`, () => sent(status, labels), SECONDS);

  it('a leak is said with its device, pid and rate, and is over when its process is', async () => {
    const workload = await startWorkload(monitored.host, { name: 'leaky', chips: [N150] });
    let held = GIB;
    const leak = setInterval(() => {
      held += 64 * MIB;
      void workload.hold(N150, { dram: held }).catch(() => undefined);
    }, 500);
    const growing = { alertname: 'TenstorrentProcessMemoryGrowing', device: '0', pid: String(workload.pid) };
    try {
      const alert = await told('firing', growing);
      assert.equal(alert.labels['comm'], 'leaky');
      assert.equal(alert.labels['severity'], 'warning');
      // 128 MiB a second.
      const [, gibibytes] = /gave back ([\d.]+)GiB of dram an hour/u.exec(alert.annotations['description'] ?? '') ?? [];
      assert.ok(Math.abs(Number(gibibytes) - 450) < 150, alert.annotations['description']);
    } finally {
      clearInterval(leak);
      await workload.stop();
    }
    await told('resolved', growing);
  });

  it('bytes of a process that was killed are said with its owner, and are over when its region is gone', async () => {
    const workload = await startWorkload(monitored.host, { name: 'pytest', chips: [N300], regionVersion: 3 });
    await workload.hold(N300, { dram: 640 * MIB });
    const seen = `tt_dram_allocated_bytes{device="1", pid="${workload.pid}"}`;
    await eventually('the owner to be seen', async () => (await monitored.prometheus.query(seen)).length > 0, SECONDS);
    await workload.kill();
    const orphaned = { alertname: 'TenstorrentMemoryOrphaned', device: '1', pid: `?${workload.slotPid}` };
    const alert = await told('firing', orphaned);
    assert.equal(alert.labels['comm'], 'pytest');
    assert.match(alert.annotations['description'] ?? '', /640MiB/u);
    await rm(monitored.host.regionPath(N300));
    await told('resolved', orphaned);
  });

  it('a chip that stops answering is a page, and is over when it answers', async () => {
    monitored.host.card(P150).allOnes();
    const unreachable = { alertname: 'TenstorrentDeviceUnreachable', device: '2', severity: 'critical' };
    await told('firing', unreachable);
    monitored.host.card(P150).recover();
    await told('resolved', unreachable);
  });

  it('more than the chip has is said with bytes and pid, and mutes that the chip is almost full', async () => {
    const workload = await startWorkload(monitored.host, { name: 'greedy', chips: [N150] });
    const sizes = [13 * GIB, 13 * GIB + 256 * MIB];
    const move = setInterval(() => {
      void workload.hold(N150, { dram: sizes.reverse()[0] ?? 0 }).catch(() => undefined);
    }, 1000);
    const over = { alertname: 'TenstorrentMemoryOverCapacity', device: '0', memory: 'dram' };
    try {
      const alert = await told('firing', over);
      assert.match(
        alert.annotations['description'] ?? '',
        new RegExp(`13(\\.25)?GiB of dram accounted, beyond its capacity of 12GiB.*Pid ${workload.pid} holds 13`, 'su'),
      );
      const full = await eventually(
        'almost full to be inhibited',
        async () =>
          (await monitored.alertmanager.alerts()).find(
            ({ labels, status }) =>
              labels['alertname'] === 'TenstorrentMemoryAlmostFull' && status.inhibitedBy.length > 0,
          ),
        SECONDS,
      );
      assert.equal(full.labels['device'], '0');
      assert.equal(sent('firing', { alertname: 'TenstorrentMemoryAlmostFull' }), undefined);
    } finally {
      clearInterval(move);
      await workload.stop();
    }
    await told('resolved', over);
  });

  it('maintenance mutes a host, and what is still so is said when it ends', async () => {
    await writeFile(monitored.maintenanceFile, 'flashing\n');
    const named = async (name: string) =>
      (await monitored.alertmanager.alerts()).find(({ labels }) => labels['alertname'] === name);
    await eventually('maintenance', () => named('TenstorrentMaintenance'), SECONDS);
    const before = monitored.webhook.alerts.length;
    monitored.host.card(N150).allOnes();
    const muted = await eventually(
      'the chip to be muted',
      async () => {
        const alert = await named('TenstorrentDeviceUnreachable');
        return alert?.status.inhibitedBy.length === 0 ? undefined : alert;
      },
      SECONDS,
    );
    assert.equal(muted.labels['device'], '0');
    const unreachable = { alertname: 'TenstorrentDeviceUnreachable', device: '0' };
    assert.deepEqual(monitored.webhook.alerts.slice(before), []);
    await rm(monitored.maintenanceFile);
    await told('firing', unreachable);
    monitored.host.card(N150).recover();
    await told('resolved', unreachable);
  });
});
