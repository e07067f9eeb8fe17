import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { createCollector } from '../../src/collect/collector.ts';
import type { Collector } from '../../src/collect/types.ts';
import { collectorConfig } from '../../src/flags/collector-config.ts';
import { defaultSettings } from '../../src/flags/parse.ts';
import { createInlineLaneReader } from '../../src/io/inline-lane-reader.ts';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import type { DeviceSnapshot } from '../../src/snapshot/snapshot.ts';
import { PRIVATE_SHM, regionStep, startTenant, TENANTS } from '../support/tenant.ts';
import type { Tenant } from '../support/tenant.ts';

const MIB = 2 ** 20;

/** Four n300 and the processes that a test shows. */
async function hostWith(t: TestContext): Promise<SimulatedHost> {
  const host = await createSimulatedHost('t3000');
  t.after(() => host.close());
  return host;
}

async function collectorOf(t: TestContext, host: SimulatedHost): Promise<{ collector: Collector; errors: string[] }> {
  const errors: string[] = [];
  const config = {
    ...collectorConfig(defaultSettings()),
    sysfsPath: host.sysfs,
    procfsPath: host.procfs,
    shmPath: host.shm,
    socketPath: host.socket,
  };
  const collector = await createCollector(config, {
    lanes: createInlineLaneReader(),
    onError: (name, { reason }) => errors.push(`${name} ${reason}`),
  });
  t.after(() => collector.close());
  return { collector, errors };
}

/** The tenant is a process of the host, and has these cards open. */
function show(host: SimulatedHost, { pid }: Tenant, ...cards: number[]): void {
  host.processes.show(pid);
  for (const card of cards) host.processes.open(host.card(card).driverIndex ?? -1, pid);
}

function summary({ memory, trackers, regions }: DeviceSnapshot) {
  return {
    dram: memory?.totals.dram,
    pids: (memory?.processes ?? []).map(({ pid, bytes }) => `${pid}: ${bytes.dram ?? '-'}`),
    orphaned: memory?.orphaned?.map(({ pid, bytes }) => `${pid}: ${bytes.dram ?? '-'}`),
    state: trackers.find(({ source }) => source === 'shared_memory')?.state,
    regions: [...(regions ?? [])].map(([state, count]) => `${count} ${state}`),
  };
}

async function scrape(collector: Collector) {
  const snapshot = await collector.collect({ collectors: undefined, deadlineAt: performance.now() + 20_000 });
  const device = (label: string) => {
    const found = snapshot.devices.find((candidate) => candidate.label === label);
    assert.ok(found);
    return summary(found);
  };
  return { snapshot, device };
}

test(
  'two containers with the same PID inside and a /dev/shm of their own are told apart on one chip',
  TENANTS,
  async (t) => {
    const host = await hostWith(t);
    const { chipId } = host.chip(0);
    const one = await startTenant(t, [regionStep(chipId, 3 * MIB)]);
    const two = await startTenant(t, [regionStep(chipId, 5 * MIB)]);
    show(host, one, 0);
    show(host, two, 0);
    const { collector, errors } = await collectorOf(t, host);
    const { snapshot, device } = await scrape(collector);
    const pids = [`${one.pid}: ${3 * MIB}`, `${two.pid}: ${5 * MIB}`];
    assert.deepEqual(device('0'), { dram: 8 * MIB, pids, orphaned: [], state: 'live', regions: ['2 live'] });
    assert.deepEqual(errors, []);
    const told = snapshot.processes.map(({ pid, namespacePid, alive }) => [pid, namespacePid, alive]);
    assert.deepEqual(
      told,
      [one, two].map(({ pid }) => [`${pid}`, '1', true]).sort(([a], [b]) => Number(a) - Number(b)),
    );
    // One is killed with its container, and its memory goes with it.
    await one.kill();
    host.processes.hide(one.pid);
    assert.deepEqual((await scrape(collector)).device('0'), {
      dram: 5 * MIB,
      pids: pids.slice(1),
      orphaned: [],
      state: 'live',
      regions: ['1 live'],
    });
  },
);

test('a chip that no process of the container holds is not its own, whatever its file claims', TENANTS, async (t) => {
  const host = await hostWith(t);
  const [chip, other] = [host.chip(0).chipId, host.chip(1).chipId];
  const honest = await startTenant(t, [regionStep(chip, 3 * MIB)]);
  const forger = await startTenant(t, [regionStep(chip, 999 * MIB), regionStep(other, MIB), regionStep(77, MIB)]);
  show(host, honest, 0);
  show(host, forger, 1);
  const { collector, errors } = await collectorOf(t, host);
  const { snapshot, device } = await scrape(collector);
  const pids = [`${honest.pid}: ${3 * MIB}`];
  assert.deepEqual(device('0'), {
    dram: 3 * MIB,
    pids,
    orphaned: [],
    state: 'untrusted',
    regions: ['1 live', '1 untrusted'],
  });
  assert.deepEqual(device('1').pids, [`${forger.pid}: ${MIB}`]);
  assert.deepEqual(errors, ['shared_memory untrusted', 'shared_memory untrusted']);
  assert.deepEqual(
    snapshot.devices.map(({ label }) => label),
    ['0', '0R', '1', '1R', '2', '2R', '3', '3R'],
  );
});

test(
  'equal PIDs of containers that share a /dev/shm are nobody, least of all process 1 of the host',
  TENANTS,
  async (t) => {
    const host = await hostWith(t);
    const { chipId } = host.chip(0);
    const setup = `mount --bind ${host.shm} /dev/shm`;
    const one = await startTenant(t, [regionStep(chipId, 3 * MIB)], setup);
    const { collector } = await collectorOf(t, host);
    show(host, one, 0);
    host.processes.put({ pid: 1, comm: 'systemd' });
    assert.deepEqual((await scrape(collector)).device('0').pids, [`${one.pid}: ${3 * MIB}`]);
    const two = await startTenant(t, [regionStep(chipId, 5 * MIB)], setup);
    show(host, two, 0);
    const { snapshot, device } = await scrape(collector);
    assert.deepEqual(device('0'), {
      dram: 8 * MIB,
      pids: [`?1: ${8 * MIB}`],
      orphaned: [],
      state: 'live',
      regions: ['1 live'],
    });
    assert.equal(snapshot.processes.find(({ pid }) => pid === '?1')?.alive, undefined);
    // Both gone, the slot is proven to be nobody's, and still not process 1's.
    for (const tenant of [one, two]) {
      await tenant.kill();
      host.processes.hide(tenant.pid);
    }
    assert.deepEqual((await scrape(collector)).device('0'), {
      dram: 8 * MIB,
      pids: [`?1: ${8 * MIB}`],
      orphaned: [`?1: ${8 * MIB}`],
      state: 'ghost',
      regions: ['1 ghost'],
    });
  },
);

test(
  'a killed process of a container leaves what is proven to be leaked as long as the container is there',
  TENANTS,
  async (t) => {
    const host = await hostWith(t);
    const { chipId } = host.chip(0);
    // As a process that has been killed left it: under a number that nobody has in there.
    const tenant = await startTenant(t, [regionStep(chipId, 3 * MIB), regionStep(chipId, 4 * MIB, 4711)]);
    show(host, tenant, 0);
    const { collector } = await collectorOf(t, host);
    const { device } = await scrape(collector);
    assert.deepEqual(device('0'), {
      dram: 7 * MIB,
      pids: [`${tenant.pid}: ${3 * MIB}`, `?4711: ${4 * MIB}`],
      orphaned: [`?4711: ${4 * MIB}`],
      state: 'live',
      regions: ['1 live'],
    });
  },
);

/** What a collector of an ordinary user finds: state, missing rights, reasons. Arguments: sysfs, procfs, shm. */
const AS_NOBODY = `
  import { createCollector } from '${sourceUrl('collect/collector.ts')}';
  import { collectorConfig } from '${sourceUrl('flags/collector-config.ts')}';
  import { defaultSettings } from '${sourceUrl('flags/parse.ts')}';
  import { createInlineLaneReader } from '${sourceUrl('io/inline-lane-reader.ts')}';
  const [sysfsPath, procfsPath, shmPath] = process.argv.slice(1);
  process.setgroups([]); process.setgid(65534); process.setuid(65534);
  const errors = [];
  const collector = await createCollector(
    { ...collectorConfig(defaultSettings()), sysfsPath, procfsPath, shmPath, socketPath: '/nowhere' },
    { lanes: createInlineLaneReader(), onError: (name, { reason }) => errors.push(name + ' ' + reason) },
  );
  const { devices, missingRights, processes } =
    await collector.collect({ collectors: undefined, deadlineAt: performance.now() + 10_000 });
  const [{ memory, trackers, regions }] = devices;
  const { state } = trackers.find(({ source }) => source === 'shared_memory');
  console.log(JSON.stringify([
    memory?.totals.dram, memory?.orphaned ?? null, memory?.processes.map(({ pid }) => pid), state, [...regions],
    missingRights, errors.sort(), processes.map(({ pid, alive }) => [pid, alive ?? null]),
  ]));
  await collector.close();`;

function sourceUrl(path: string): string {
  return new URL(`../../src/${path}`, import.meta.url).href;
}

test('without the rights nothing is proven or guessed, and the missing ones are named', TENANTS, async (t) => {
  const host = await hostWith(t);
  const { chipId } = host.chip(0);
  const shares = await startTenant(
    t,
    [regionStep(chipId, 3 * MIB), regionStep(chipId, 4 * MIB, 4711)],
    `mount --bind ${host.shm} /dev/shm`,
  );
  const apart = await startTenant(t, [regionStep(chipId, 5 * MIB)]);
  show(host, shares, 0);
  show(host, apart, 0);
  chmodSync(host.root, 0o755);
  chmodSync(host.regionPath(0), 0o644);
  const node = ['--input-type=module', '-e', AS_NOBODY, host.sysfs, host.procfs, host.shm];
  const { stdout, stderr } = spawnSync(process.execPath, node, { encoding: 'utf8', timeout: 30_000 });
  assert.notEqual(stdout, '', stderr);
  assert.deepEqual(JSON.parse(stdout), [
    7 * MIB,
    null,
    // Two processes that see themselves as 1 hold the chip, and which of them holds the region cannot be seen.
    ['?1', '?4711'],
    'unverifiable',
    [['unverifiable', 1]],
    ['CAP_SYS_PTRACE', 'CAP_DAC_READ_SEARCH'],
    ['procfs denied', 'shared_memory denied'],
    [
      [`${Math.min(shares.pid, apart.pid)}`, true],
      [`${Math.max(shares.pid, apart.pid)}`, true],
      ['?1', null],
      ['?4711', null],
    ],
  ]);
});

test('hostile containers cost nobody else anything, and leave nothing open', TENANTS, async (t) => {
  const host = await hostWith(t);
  const { chipId } = host.chip(0);
  const honest = await startTenant(t, [regionStep(chipId, 3 * MIB)]);
  const fifo = `${PRIVATE_SHM} && mkfifo /dev/shm/tt_device_${chipId}_memory`;
  const files = `${PRIVATE_SHM} && cd /dev/shm && seq -f 'x%.0f' 20000 | xargs touch`;
  const hostile = [await startTenant(t, [], fifo), await startTenant(t, [], files)];
  for (const tenant of [honest, ...hostile]) show(host, tenant, 0);
  const { collector, errors } = await collectorOf(t, host);
  const expected = {
    dram: 3 * MIB,
    pids: [`${honest.pid}: ${3 * MIB}`],
    orphaned: [],
    state: 'untrusted',
    regions: ['1 live', '1 untrusted'],
  };
  assert.deepEqual((await scrape(collector)).device('0'), expected);
  assert.deepEqual(errors.sort(), ['shared_memory too_many_files', 'shared_memory untrusted']);
  const count = () => readdirSync('/proc/self/fd').length;
  const before = count();
  for (let turn = 0; turn < 10; turn++) assert.deepEqual((await scrape(collector)).device('0'), expected);
  assert.equal(count(), before);
});
