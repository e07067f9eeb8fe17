import assert from 'node:assert/strict';
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { unpackTar } from '../../src/check/bundle/tar.ts';
import { createGalaxyLoad } from '../../src/simulator/galaxy-load.ts';
import { startExtensionServer } from '../../src/simulator/extension-server.ts';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import { startDemoHost } from '../../src/simulator/mixed-demo.ts';
import { startOwnServer } from '../../src/simulator/own-server.ts';
import { RegionWriter } from '../../src/simulator/region-writer.ts';
import { startReplay } from '../../src/simulator/replay/replay-host.ts';
import { startStockServer } from '../../src/simulator/stock-server.ts';
import { startWorkload } from '../../src/simulator/workload.ts';
import { buildNative } from '../allocation-server/support/built.ts';
import { eventually } from '../support/eventually.ts';
import { BOOT_TIME, populateHost } from '../support/populate-host.ts';
import { startExporter, startProgram } from '../support/start-exporter.ts';

const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
after(() => {
  rmSync(folder, { recursive: true });
});

type Environment = Readonly<Record<string, string>>;
let made = 0;

/** Runs check --bundle, and gives the bundle, what was said and the exit code. */
async function takeBundle(flags: readonly string[], env: Environment = {}) {
  const file = join(folder, `${made++}.tgz`);
  const program = startProgram(['check', '--web.listen-address=:0', `--bundle=${file}`, ...flags], { env });
  const { code, signal } = await program.ended;
  return { file, bytes: readFileSync(file), said: program.stderr(), code, signal };
}

/** Families that are of the exporter that answers, or of how fast it was. */
const OF_THE_MOMENT =
  /^(?:# \S+ )?(?:process_|nodejs_|tt_exporter_(?:build_info|series|scrape|config|collector_duration_seconds))/;

function lasting(page: string): string[] {
  return page
    .split('\n')
    .filter((line) => line !== '' && !OF_THE_MOMENT.test(line))
    .sort();
}

async function pageOf(flags: readonly string[], env: Environment): Promise<string> {
  const exporter = await startExporter(flags, { env });
  try {
    return (await exporter.scrape('/metrics', { 'x-prometheus-scrape-timeout-seconds': '5' })).body;
  } finally {
    exporter.process.kill('SIGKILL');
    await exporter.ended;
  }
}

/** The bundle's page has what the host's has, and the exporter's page on the replay is the bundle's. */
async function isReplayed(bytes: Buffer, page: string): Promise<string> {
  const replay = await startReplay(bytes);
  try {
    assert.deepEqual(comparable(replay.page), comparable(page));
    assert.deepEqual(lasting(await pageOf(replay.flags, replay.environment)), lasting(replay.page));
    return replay.page;
  } finally {
    await replay.close();
  }
}

/** Numbers of chips and names are others in the bundle; our own server counts who asks it. */
function comparable(page: string): string[] {
  return lasting(page)
    .filter((line) => !line.startsWith('tt_allocation_server_messages_total'))
    .map(withoutNames)
    .sort();
}

function withoutNames(line: string): string {
  return line
    .replace(/"0x[0-9a-f]{16}"/g, '"0x"')
    .replace(/\b(comm|serial|asic_id|workload|[a-z_]+_id|pod_\w+)="[^"]*"/g, '$1');
}

/** The first of two pages in a row that say the same: the server has seen by then what its processes did last. */
async function settledPage(read: () => Promise<string>): Promise<string> {
  let last = await read();
  return await eventually('the host to be quiet', async () => {
    const before = last;
    last = await read();
    return isDeepStrictEqual(comparable(before), comparable(last)) ? before : undefined;
  });
}

describe('a bundle is replayed as the same page', () => {
  it('of a Galaxy of 32 chips with 64 processes on each', async () => {
    const host = await createGalaxyLoad({});
    try {
      const { bytes, code } = await takeBundle(host.flags());
      assert.equal(code, 0);
      const page = await isReplayed(bytes, await pageOf(host.flags(), host.faultsEnvironment()));
      assert.equal(page.match(/^tt_dram_allocated_bytes\{/gm)?.length, 32 * 64 * 2);
      assert.ok(bytes.length < 2 ** 20, `${bytes.length} bytes`);
    } finally {
      await host.close();
    }
  });

  it('of a mixed host with a server that knows processes, real processes and one that was killed', async () => {
    const demo = await startDemoHost({ alive: false });
    const { host } = demo;
    try {
      const before = await settledPage(() => pageOf(host.flags(), host.faultsEnvironment()));
      const { bytes } = await takeBundle(host.flags());
      const page = await isReplayed(bytes, before);
      assert.match(page, /^tt_dram_orphaned_bytes\{device="1",.*\} [1-9]/m);
      assert.match(page, /^tt_live_buffers\{/m);
    } finally {
      await demo.close();
    }
  });

  it('of a process that reports to a server, and is in no list of the driver', async () => {
    buildNative();
    const host = await createSimulatedHost('n150');
    const stopServer = await startOwnServer(host);
    try {
      const workload = await startWorkload(host, { name: 'unlisted', chips: [0], tracker: 'server' });
      await workload.hold(0, { dram: 5000 });
      writeFileSync(`${host.procfs}/driver/tenstorrent/0/pids`, '');
      const before = await settledPage(() => pageOf(host.flags(), host.faultsEnvironment()));
      const { bytes } = await takeBundle(host.flags());
      const page = await isReplayed(bytes, before);
      assert.ok(page.includes(`tt_process_alive{pid="${workload.pid}"} 1`), page);
    } finally {
      await stopServer();
      await host.close();
    }
  });

  for (const dialect of ['A', 'C'] as const) {
    it(`of a host with a stock server of dialect ${dialect}, a capacity file and flags of its own`, async () => {
      const host = await createSimulatedHost('n300', { bootTime: BOOT_TIME });
      const ring = { totalSize: 69_000, usedBytes: 300, programs: 2 };
      const chip = {
        arch: 'wormhole',
        dramBytes: 12 * 2 ** 30,
        dramChannels: 12,
        l1Bytes: 2 ** 26,
        l1BytesPerCore: 1499136,
        ring,
      } as const;
      const server = await startStockServer({ path: host.socket, dialect, devices: [chip, chip] });
      const capacity = join(folder, `capacity-${dialect}.yml`);
      writeFileSync(capacity, "# quux's\nserials:\n  010001451170C0C4: { cores: 50 }\n");
      const flags = [
        ...host.flags(),
        `--capacity.config.file=${capacity}`,
        '--devices.expected=3',
        '--memory.source=allocation-server',
      ];
      try {
        const { bytes, code } = await takeBundle(flags);
        assert.equal(code, 2);
        const page = await isReplayed(bytes, await pageOf(flags, host.faultsEnvironment()));
        assert.match(page, /^tt_capacity_info\{device="0",source="config",cores="50"\} 1$/m);
        assert.ok(page.includes(`tt_allocation_server_info{dialect="${dialect}",extension=""} 1`));
      } finally {
        await server.close();
        await host.close();
      }
      assert.equal(server.wouldHaveDied, 0);
    });
  }

  it('of a host on which much is broken', async () => {
    const host = await createSimulatedHost('mixed', { bootTime: BOOT_TIME });
    try {
      populateHost(host);
      host.card(0).beginReset();
      host.card(1).allOnes();
      breakRegions(host.shm);
      symlinkSync('pid:[4026539999]', join(mkdir(host.procfs, '1/ns'), 'pid'));
      const server = await startStockServer({ path: `${host.socket}.real`, dialect: 'B', devices: [] });
      await leaveSocketBehind(`${host.socket}.real`, host.socket);
      await server.close();
      const { bytes, code } = await takeBundle(host.flags(), host.faultsEnvironment());
      assert.equal(code, 2);
      const page = await isReplayed(bytes, await pageOf(host.flags(), host.faultsEnvironment()));
      assert.match(page, /^tt_devices\{state="resetting"\} 1$/m);
      assert.match(page, /^tt_exporter_read_errors_total\{collector="allocation_server",reason="refused"\} 1$/m);
      assert.match(page, /^tt_exporter_read_errors_total\{collector="shared_memory",reason="untrusted"\} 2$/m);
    } finally {
      await host.close();
    }
  });

  it('of a chip whose sensors do not answer', async () => {
    const host = await createSimulatedHost('mixed', { bootTime: BOOT_TIME });
    try {
      host.blockSensor(1);
      const { bytes, signal } = await takeBundle([...host.flags(), '--read-timeout=2']);
      assert.equal(signal, 'SIGKILL');
      const page = await isReplayed(bytes, await pageOf(host.flags(), host.faultsEnvironment()));
      assert.match(page, /^tt_device_temperature_celsius\{device="0"/m);
      assert.doesNotMatch(page, /^tt_device_temperature_celsius\{device="1"/m);
    } finally {
      await host.close();
    }
  });
});

function mkdir(...parts: string[]): string {
  const path = join(...parts);
  mkdirSync(path, { recursive: true });
  return path;
}

function breakRegions(shm: string): void {
  const region = (id: number): string => join(shm, `tt_device_${id}_memory`);
  writeFileSync(region(70_001), Buffer.alloc(100_000));
  writeFileSync(region(70_002), Buffer.alloc(500));
  writeFileSync(region(70_003), Buffer.from([9, 0, 0, 0, ...Buffer.alloc(8572)]));
  mkdirSync(region(70_004));
  const writer = RegionWriter.open(region(70_005), { version: 3, chipId: 70_005n, deviceId: 9 });
  writer.attach(77, 'x');
  writer.allocate(77, 'dram', 5);
  writer.die();
  linkSync(region(70_005), region(70_006));
}

/** A server that is killed leaves the socket's file. */
async function leaveSocketBehind(from: string, to: string): Promise<void> {
  linkSync(from, to);
  await Promise.resolve();
}

describe('check --bundle', () => {
  it('says what is in it, writes it for its user alone, and writes over nothing', async () => {
    const host = await createSimulatedHost('n150', { bootTime: BOOT_TIME });
    try {
      populateHost(host);
      const { file, said } = await takeBundle(host.flags());
      assert.equal(statSync(file).mode & 0o777, 0o600);
      assert.match(said, /^\S+\.tgz: \d+ files in \d+ KiB: .* 1 regions, /);
      assert.match(said, /^names replaced: .*2 of kind process/m);
      const again = startProgram(['check', `--bundle=${file}`, '--web.listen-address=:0', ...host.flags()]);
      assert.equal((await again.ended).code, 2);
      assert.match(again.stderr(), /--bundle: EEXIST.*: give the name of a file that is not there yet\n$/);
      const clean = startProgram(['check', '--clean', `--bundle=${file}2`, ...host.flags()]);
      assert.equal((await clean.ended).code, 1);
    } finally {
      await host.close();
    }
  });

  it('has no name of anybody in it, wherever it was read', async () => {
    const host = await createSimulatedHost('mixed', { bootTime: BOOT_TIME, root: mkdir(folder, 'home-of-mallory') });
    const id = 'dead'.repeat(16);
    const uid = '6f2c5b0a-1d3e-4f5a-8b9c-0123456789ab';
    const path = join(host.shm, `tt_device_${host.chip(0).chipId}_memory`);
    const writer = RegionWriter.open(path, { version: 4, chipId: host.chip(0).chipId, deviceId: 0 });
    writer.attach(3_200_001, 'zanzibar-train');
    writer.attach(3_200_009, 'zanzibar-gone');
    writer.allocate(3_200_009, 'dram', 4096);
    writer.die();
    const cgroups = [
      `/kubepods/burstable/pod${uid}/${id}`,
      '/system.slice/zanzibar@mallory.service',
      '/system.slice/hostname-xyzzy_slurmstepd.scope/job_7/step_0/user',
    ];
    cgroups.forEach((cgroup, index) => {
      const descriptors = { 3: '/dev/tenstorrent/0', 4: path, 5: '/home/mallory/secret' };
      const pid = 3_200_001 + index;
      host.processes.put(
        {
          pid,
          comm: `zanzibar ${index}`,
          startTicks: 100,
          descriptors,
          cgroup: `0::${cgroup}\n`,
          maps: `7f00-7f01 r-xp 00000000 08:01 77 /home/mallory/lib.so\n`,
        },
        [0],
      );
    });
    mkdir(host.root, `var/log/pods/xyzzy-ns_zanzibar-pod_${uid}/mallory-container`);
    symlinkSync('x', join(mkdir(host.root, 'var/log/containers'), `zanzibar-pod_xyzzy-ns_mallory-container-${id}.log`));
    const ended = { pid: 9, devices: [], comm: 'zanzibar-end', unit: 'mallory.service', containerId: id };
    const server = await startExtensionServer({ path: host.socket, startedAt: 5n, document: document(ended) });
    const capacity = join(host.root, 'mallory.yml');
    writeFileSync(capacity, '# mallory\nboards: { zanzibar: 7 }\n');
    const flags = [
      ...host.flags(),
      `--path.pod-logs=${join(host.root, 'var/log/pods')}`,
      `--capacity.config.file=${capacity}`,
    ];
    try {
      const { bytes } = await takeBundle(flags);
      const tar = gunzipSync(bytes).toString('latin1');
      const serials = host.cards.map(({ plan }) => plan.serial.toString(16));
      const numbers = [...host.cards.map(({ plan }) => plan.asicId), ...host.chips.map(({ chipId }) => chipId)];
      const secrets = [
        ...['zanzibar', 'mallory', 'xyzzy', 'deaddead', uid, uid.replaceAll('-', '_'), `"${hostname()}"`],
        ...serials,
        ...numbers
          .filter((number) => number > 4096n)
          .flatMap((number) => [`${number}`, number.toString(16), littleEndian(number)]),
      ];
      for (const secret of secrets) assert.ok(!tar.toLowerCase().includes(secret.toLowerCase()), secret);
      const files = unpackTar(gunzipSync(bytes), { files: 1000, bytes: 2 ** 20 });
      const page = files.get('metrics.txt')?.toString() ?? '';
      assert.match(page, /^tt_process_info\{pid="3200001",.*comm="proc-[0-9a-f]{8}",.*pod_name="pod-[0-9a-f]{8}"/m);
      assert.deepEqual(
        [...files.keys()].filter((name) => /cmdline|environ/.test(name)),
        [],
      );
    } finally {
      await server.close();
      await host.close();
    }
  });
});

function document(ended: object): Buffer {
  const server = { version: '0.1.0', startSeconds: 5, messages: {}, rejectedMessages: {} };
  return Buffer.from(JSON.stringify({ schema: 1, minReader: 1, server, devices: [], endedProcesses: [ended] }));
}

function littleEndian(number: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(number);
  return bytes.toString('latin1');
}
