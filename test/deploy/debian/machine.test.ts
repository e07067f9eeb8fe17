import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SnapshotDocument } from '../../../src/protocol/snapshot-document.ts';
import { createSimulatedHost } from '../../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../../src/simulator/hosts.ts';
import { startApplication } from '../../allocation-server/support/application.ts';
import type { Application } from '../../allocation-server/support/application.ts';
import { snapshot } from '../../allocation-server/support/ask.ts';
import { buildApplication } from '../../allocation-server/support/built.ts';
import { startMachine } from '../../support/debian/machine.ts';
import type { Machine } from '../../support/debian/machine.ts';
import { eventually } from '../../support/eventually.ts';
import { BOOT_TIME, populateHost } from '../../support/populate-host.ts';
import { builtPackage } from './built-package.ts';

const SERVER = 'tt-allocation-server.service';
const UNITS = ['tenstorrent-exporter.service', 'tenstorrent-exporter-reader.service', SERVER];
const SERVER_SOCKET = '/tmp/tt_allocation_server.sock';
const PACKAGE = '/root/package.deb';
const MESSAGES = 400;
const APPLICATION = '/usr/local/bin/application';
/** Where the machine sees the simulated host. */
const HOST = '/srv/host';
const DEPLOY = fileURLToPath(new URL('../../../deploy', import.meta.url));
/** CAP_DAC_READ_SEARCH and CAP_SYS_PTRACE: bits 2 and 19, see linux/capability.h. */
const RIGHTS = '0000000000080004';
const NO_RIGHTS = '0000000000000000';
/** systemd-analyze security's levels, times ten. */
const MOST_EXPOSED = '25';

describe('a clean Debian with the package', () => {
  let host: SimulatedHost;
  let machine: Machine;
  let filesBefore: readonly string[];

  before(async () => {
    host = await createSimulatedHost('n150', { bootTime: BOOT_TIME });
    ends.push(() => host.close());
    populateHost(host);
    chmodSync(host.root, 0o755);
    for (const name of readdirSync(host.shm)) chmodSync(join(host.shm, name), 0o600);
    const built = builtPackage();
    ends.push(built.remove);
    machine = await startMachine([
      { source: host.root, target: HOST },
      { source: DEPLOY, target: '/srv/deploy' },
    ]);
    ends.push(machine.stop);
    copyFileSync(built.file, machine.path(PACKAGE));
    copyFileSync(buildApplication(), machine.path(APPLICATION));
    filesBefore = await listFiles();
  });
  // Also of what was there before something could not be started.
  const ends: (() => Promise<void> | void)[] = [];
  after(async () => {
    for (const end of ends.toReversed()) await end();
  });

  /** Without what every package leaves in Debian's own books and logs, and without the users. */
  async function listFiles(): Promise<string[]> {
    const text = await machine.run('find', '/', '-xdev', '-not', '-type', 'd', '-printf', '%p\n');
    const books =
      /^\/(?:var\/(?:lib\/(?:apt|dpkg|systemd)|log|cache)|etc\/(?:passwd|group|shadow|gshadow|subuid|subgid)-?|etc\/(?:\.pwd|ld\.so))/;
    return text
      .trimEnd()
      .split('\n')
      .filter((path) => !books.test(path))
      .sort();
  }

  const page = (): Promise<string> => machine.get('http://127.0.0.1:10072/metrics');
  const mainPid = async (unit: string): Promise<number> =>
    Number(await machine.run('systemctl', 'show', '--property=MainPID', '--value', unit));
  const isActive = async (unit: string): Promise<boolean> =>
    (await machine.run('systemctl', 'is-active', unit).catch(() => '')) === 'active\n';

  const ask = (): Promise<SnapshotDocument> => snapshot(machine.path(SERVER_SOCKET));

  /** A program of a user that has connected to the server of the machine, and reports when it is told to go on. */
  async function connectReporter(): Promise<Application> {
    const enter = ['nsenter', '--target', String(machine.pid), '--mount', '--pid', '--ipc', '--'];
    const asUser = `shift; exec setpriv --reuid=1234 --clear-groups ${APPLICATION} "$@"`;
    const wrapper = [...enter, 'sh', '-c', asUser, 'sh'];
    const application = await startApplication(SERVER_SOCKET, { messages: MESSAGES, letters: 'wh', wrapper });
    // Its own, and that of whoever asks.
    await eventually('its connection', async () => {
      const { server } = await ask();
      return (server.connections ?? 0) >= 2;
    });
    return application;
  }

  /** It is killed by SIGPIPE where its connection was closed. */
  async function reportsToTheEnd(application: Application): Promise<void> {
    application.proceed();
    await application.sent();
    await eventually('all reports', async () => (await ask()).devices[0]?.liveBuffers.dram === MESSAGES);
    application.proceed();
    assert.deepEqual(await application.ended, { code: 0, signal: null });
  }

  it('installs, starts the exporter and its reader, and leaves the place of an allocation server alone', async () => {
    await machine.run('dpkg', '--install', PACKAGE);
    await eventually('the page', () => page().catch(() => undefined), 20);
    const states = await Promise.all(UNITS.map(async (unit) => [unit, await isActive(unit)]));
    assert.deepEqual(Object.fromEntries(states), {
      'tenstorrent-exporter.service': true,
      'tenstorrent-exporter-reader.service': true,
      'tt-allocation-server.service': false,
    });
    await assert.rejects(machine.run('test', '-e', SERVER_SOCKET));
    for (const program of ['tenstorrent-exporter', 'tt-allocation-server']) {
      assert.match(await machine.run(program, '--version'), new RegExp(`^${program}, version \\d`));
    }
    assert.match(
      await machine.run('sh', '-c', 'tenstorrent-exporter smi; test $? -eq 3'),
      /No Tenstorrent chip is found/,
    );
  });

  it('shows memory of other users by way of the reader, which has two rights and no network', async () => {
    const flags = [`--path.sysfs=${HOST}/sys`, `--path.procfs=${HOST}/proc`, `--path.shm=${HOST}/dev/shm`];
    writeFileSync(machine.path('/etc/default/tenstorrent-exporter-reader'), `ARGS="${flags.join(' ')}"\n`);
    await machine.run('systemctl', 'restart', 'tenstorrent-exporter-reader.service');
    const body = await eventually('memory', async () => {
      const text = await page();
      return /^tt_dram_allocated_bytes\{/m.test(text) ? text : undefined;
    });
    assert.doesNotMatch(body, /state="unreadable"\} 1/);

    const rights = async (unit: string): Promise<Record<string, string | undefined>> => {
      const pid = await mainPid(unit);
      const status = readFileSync(machine.path(`/proc/${pid}/status`), 'utf8');
      const field = (name: string): string | undefined => new RegExp(`^${name}:\\t(\\S*)`, 'm').exec(status)?.[1];
      const network = readFileSync(machine.path(`/proc/${pid}/net/dev`), 'utf8');
      return {
        root: String(field('Uid') === '0'),
        effective: field('CapEff'),
        bounding: field('CapBnd'),
        noNewPrivileges: field('NoNewPrivs'),
        filter: field('Seccomp'),
        interfaces: (network.match(/^ *\S+(?=:)/gm) ?? []).map((name) => name.trim()).join(),
      };
    };
    const confined = { root: 'false', noNewPrivileges: '1', filter: '2' };
    assert.deepEqual(await rights('tenstorrent-exporter-reader.service'), {
      ...{ ...confined, effective: RIGHTS, bounding: RIGHTS, interfaces: 'lo' },
    });
    const { interfaces, ...server } = await rights('tenstorrent-exporter.service');
    assert.deepEqual(server, { ...confined, effective: NO_RIGHTS, bounding: NO_RIGHTS });
    assert.ok(interfaces?.includes('lo'));
    const socket = await machine.run('stat', '--format=%A %U:%G', '/run/tenstorrent-exporter/reader.sock');
    assert.equal(socket, 'srw-rw---- tenstorrent-reader:tenstorrent-exporter\n');
  });

  it('has units that systemd takes without a word, none more exposed than 2.5', async () => {
    const files = UNITS.map((unit) => `/lib/systemd/system/${unit}`);
    const verified = await machine.run(
      'sh',
      '-c',
      `systemd-analyze verify --man=no ${files.join(' ')} ${files[2]?.replace('.service', '.socket')} 2>&1`,
    );
    assert.equal(verified, '');
    for (const file of files) {
      // It fails above the threshold.
      await machine.run(
        'systemd-analyze',
        'security',
        '--offline=true',
        `--threshold=${MOST_EXPOSED}`,
        '--no-pager',
        file,
      );
    }
  });

  it('keeps applications alive while the allocation server restarts and is killed', async () => {
    await machine.run('systemctl', 'enable', '--now', 'tt-allocation-server.socket');
    await eventually('the server on the page', async () => /^tt_allocation_server_up 1$/m.test(await page()));
    const application = await connectReporter();
    const first = await mainPid(SERVER);
    await machine.run('systemctl', 'restart', SERVER);
    const second = await mainPid(SERVER);
    await machine.run('systemctl', 'kill', '--signal=KILL', SERVER);
    const third = await eventually('another server', async () => {
      const pid = await mainPid(SERVER);
      return pid !== 0 && pid !== second ? pid : undefined;
    });
    assert.equal(new Set([first, second, third]).size, 3);
    await reportsToTheEnd(application);
  });

  it('comes back when its programs are killed, more often than systemd allows by itself', async () => {
    const units = UNITS.slice(0, 2);
    for (let round = 0; round < 6; round++) {
      const pids = await Promise.all(units.map(mainPid));
      await machine.run('systemctl', 'kill', '--signal=KILL', ...units);
      await eventually('both to come back', async () => {
        const later = await Promise.all(units.map(mainPid));
        return later.every((pid, index) => pid !== 0 && pid !== pids[index]);
      });
    }
    await eventually('memory', async () => /^tt_dram_allocated_bytes\{/m.test(await page().catch(() => '')), 20);
  });

  it('is upgraded while an application reports, keeps what was configured, and restarts what ran', async () => {
    const application = await connectReporter();
    const before = await Promise.all(UNITS.map(mainPid));
    await machine.run('/srv/deploy/bare-metal/install.sh', PACKAGE);
    const later = await Promise.all(UNITS.map(mainPid));
    assert.deepEqual(
      later.map((pid, index) => pid !== 0 && pid !== before[index]),
      [true, true, true],
    );
    await eventually('memory', async () => /^tt_dram_allocated_bytes\{/m.test(await page().catch(() => '')), 20);
    await reportsToTheEnd(application);
  });

  it('is purged without a trace but its users', async () => {
    await machine.run('/srv/deploy/bare-metal/install.sh', '--uninstall', '--purge');
    const states = await Promise.all(UNITS.map(isActive));
    assert.deepEqual(states, [false, false, false]);
    assert.deepEqual(await listFiles(), filesBefore);
    const users = (await machine.run('getent', 'passwd')).split('\n').filter((line) => /tenstorrent|tt-/.test(line));
    assert.equal(users.length, 3);
    assert.deepEqual(new Set(users.map((line) => line.split(':').at(-1))), new Set(['/usr/sbin/nologin']));
  });
});
