import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { createCollector } from '../../../src/collect/collector.ts';
import { PageEncoder } from '../../../src/metrics/encode/page-encoder.ts';
import { createSimulatedHost } from '../../../src/simulator/hosts.ts';
import { BOOT_TIME, populateHost } from '../../support/populate-host.ts';
import { driverTracker } from './tracker.ts';

it('a third tracker is one folder and one line: its numbers are taken, and the regions stay a state', async () => {
  const host = await createSimulatedHost('n150', { bootTime: BOOT_TIME });
  populateHost(host);
  const folder = join(host.sysfs, 'class/tenstorrent/tenstorrent!0/processes/3000001');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'dram_allocated'), '123456789\n');
  writeFileSync(join(folder, 'l1_allocated'), '1499136\n');
  const collectors = ['allocation_server', 'shared_memory', 'sysfs', 'procfs', driverTracker.name];
  const collector = await createCollector(
    {
      sysfsPath: host.sysfs,
      pcieCounters: false,
      procfsPath: host.procfs,
      shmPath: host.shm,
      podLogsPath: '/nowhere',
      podResourcesSocket: undefined,
      socketPath: host.socket,
      socketOwner: undefined,
      collectors,
      memorySource: 'auto',
      processDetail: 'pid',
      processUser: false,
      maxProcesses: 64,
      capacityConfigFile: undefined,
      devicesExpected: undefined,
      maintenanceFile: undefined,
    },
    { trackers: [driverTracker] },
  );
  try {
    const snapshot = await collector.collect({ collectors: undefined, deadlineAt: performance.now() + 5000 });
    const page = new PageEncoder().encode(snapshot, { format: 'text', ownFamilies: new Uint8Array(), ownSeries: 0 });
    const lines = Buffer.from(page.body).toString().split('\n');
    assert.deepEqual(
      lines.filter((line) =>
        /^tt_(?:l1|dram)_allocated_bytes|^tt_memory_tracker_info|^tt_memory_tracker_state.* 1$/u.test(line),
      ),
      [
        'tt_l1_allocated_bytes{device="0",pid="3000001",type="l1"} 1499136',
        'tt_dram_allocated_bytes{device="0",pid="3000001",type="dram"} 123456789',
        'tt_memory_tracker_info{device="0",source="driver",version="1"} 1',
        'tt_memory_tracker_state{device="0",source="driver",state="live"} 1',
        'tt_memory_tracker_state{device="0",source="shared_memory",state="live"} 1',
      ],
    );
    assert.ok(lines.includes('tt_exporter_collector_success{collector="driver"} 1'));
    assert.ok(
      lines.some((line) => line.startsWith('tt_process_info{pid="3000001",') && line.includes('comm="python3"')),
    );
  } finally {
    await collector.close();
    await host.close();
  }
});
