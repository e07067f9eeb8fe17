import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { SHARED_MS } from '../../src/collect/collection.ts';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import { RegionWriter } from '../../src/simulator/region-writer.ts';
import { mutelyServing } from '../support/mute-server.ts';
import { BOOT_TIME } from '../support/populate-host.ts';
import { startExporter } from '../support/start-exporter.ts';
import { getPage } from './get-page.ts';

const PID = 3_000_001;

it('a scrape that waits for a server that never answers does not keep old numbers for those that come meanwhile', async (t) => {
  const host = await createSimulatedHost('n150', { bootTime: BOOT_TIME });
  t.after(() => host.close());
  const server = await mutelyServing(host.socket);
  t.after(server.close);
  const path = host.regionPath(0);
  const region = RegionWriter.open(path, { version: 4, chipId: host.chip(0).chipId, deviceId: 0 });
  t.after(() => {
    region.die();
  });
  region.attach(PID, 'python3');
  const descriptors = { 0: '/dev/null', 10: path, 11: '/dev/tenstorrent/0' };
  host.processes.put({ pid: PID, comm: 'python3', startTicks: 5000, descriptors }, [0]);
  const exporter = await startExporter(host.flags());
  t.after(() => exporter.stop());
  const bytesOf = async (timeoutSeconds: number): Promise<string | undefined> => {
    const { status, body } = await getPage(`${exporter.url}/metrics`, timeoutSeconds);
    assert.equal(status, 200);
    return /^tt_dram_allocated_bytes\{device="0",pid="3000001",type="dram"\} (\d+)$/mu.exec(body)?.[1];
  };
  region.allocate(PID, 'dram', 1000);
  const patient = bytesOf(6);
  await pause(2 * SHARED_MS);
  region.allocate(PID, 'dram', 500);
  assert.equal(await bytesOf(3), '1500');
  assert.equal(await patient, '1000');
  assert.ok(server.connections() > 0);
});
