import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildPrograms } from '../../../deploy/build/build-programs.ts';
import { startMachine } from '../../support/debian/machine.ts';
import type { Machine } from '../../support/debian/machine.ts';
import { eventually } from '../../support/eventually.ts';

const TOP = fileURLToPath(new URL('../../../', import.meta.url));
const INSTALL = '/srv/deploy/bare-metal/install.sh';
const TARBALL = '/root/tenstorrent-exporter-0.1.0.tgz';

/** npm without a registry: unpacks the tarball, and takes the packages that it needs from those that are installed here. */
const NPM = `#!/bin/sh
set -e
for last; do :; done
modules=$3/node_modules
mkdir -p "$modules/tenstorrent-exporter"
tar -xzf "$last" -C "$modules/tenstorrent-exporter" --strip-components=1
for module in /srv/node_modules/*; do ln -sfn "$module" "$modules/\${module##*/}"; done
`;

/** As npm pack makes it, from this source. */
function makeTarball(file: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'tt-tarball-'));
  try {
    const target = join(folder, 'package');
    buildPrograms(join(target, 'dist'));
    mkdirSync(join(target, 'native'));
    for (const path of ['package.json', 'native/build.sh', 'native/descriptors.c'])
      cpSync(join(TOP, path), join(target, path));
    execFileSync('tar', ['-czf', file, '-C', folder, 'package']);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the install script', () => {
  let machine: Machine;
  let filesBefore: string;

  before(async () => {
    machine = await startMachine([
      { source: join(TOP, 'deploy'), target: '/srv/deploy' },
      { source: join(TOP, 'node_modules'), target: '/srv/node_modules' },
    ]);
    // Not in the folder of the machine's own programs: it has no Node.js.
    mkdirSync(machine.path('/opt/node/bin'), { recursive: true });
    copyFileSync(process.execPath, machine.path('/opt/node/bin/node'));
    writeFileSync(machine.path('/opt/node/bin/npm'), NPM);
    for (const name of ['node', 'npm']) {
      chmodSync(machine.path(`/opt/node/bin/${name}`), 0o755);
      symlinkSync(`/opt/node/bin/${name}`, machine.path(`/usr/bin/${name}`));
    }
    makeTarball(machine.path(TARBALL));
    filesBefore = await listFiles();
  });
  after(() => machine.stop());

  function listFiles(): Promise<string> {
    const folders = ['/etc/systemd', '/etc/default', '/etc/sysusers.d', '/etc/tmpfiles.d', '/opt', '/usr/local'];
    return machine.run('sh', '-c', `find ${folders.join(' ')} -not -type d 2>/dev/null | sort`);
  }
  const page = (): Promise<string> => machine.get('http://127.0.0.1:10072/metrics');
  const untilItAnswers = (): Promise<string> => eventually('the page', () => page().catch(() => undefined), 30);
  const property = async (name: string, unit: string): Promise<string> =>
    (await machine.run('systemctl', 'show', `--property=${name}`, '--value', unit)).trim();

  it('is good shell, and says what it does not understand', () => {
    const script = join(TOP, 'deploy/bare-metal/install.sh');
    execFileSync('shellcheck', [script]);
    for (const [argument, says] of [
      ['--uninstal', /unknown flag --uninstal: see --help/],
      ['/none.deb', /there is no file \/none.deb/],
      [join(dirname(script), 'install.sh'), /is neither a \.deb nor a \.tgz/],
    ] as const) {
      const { status, stderr } = spawnSync('sh', [script, argument], { encoding: 'utf8' });
      assert.equal(status, 1);
      assert.match(stderr, says);
    }
    assert.match(execFileSync('sh', [script], { encoding: 'utf8' }), /^usage: install\.sh PACKAGE/);
  });

  it('installs a tarball that runs as the package does, and again without a difference', async () => {
    await machine.run(INSTALL, TARBALL);
    await untilItAnswers();
    assert.match(
      await machine.run('/usr/local/bin/tt-allocation-server', '--version'),
      /^tt-allocation-server, version/,
    );
    const installed = await listFiles();
    const first = await property('MainPID', 'tenstorrent-exporter.service');
    writeFileSync(machine.path('/etc/default/tenstorrent-exporter'), 'ARGS="--web.telemetry-path=/mine"\n');
    await machine.run(INSTALL, TARBALL);
    await eventually(
      'the page at its new path',
      () => machine.get('http://127.0.0.1:10072/mine').catch(() => undefined),
      30,
    );
    assert.notEqual(await property('MainPID', 'tenstorrent-exporter.service'), first);
    assert.equal(await listFiles(), installed);
    assert.equal(await property('User', 'tenstorrent-exporter-reader.service'), 'tenstorrent-reader');
  });

  it('lets the allocation server start where there was no C compiler', async () => {
    await machine.run('systemctl', 'start', 'tt-allocation-server.socket', 'tt-allocation-server.service');
    assert.equal(await property('ActiveState', 'tt-allocation-server.service'), 'active');
    assert.equal(await property('Type', 'tt-allocation-server.service'), 'exec');
  });

  it('takes away what it has put there; what was configured only when asked to', async () => {
    await machine.run(INSTALL, '--uninstall');
    await assert.rejects(page());
    const left = (await listFiles()).split('\n').filter((path) => !filesBefore.split('\n').includes(path));
    assert.deepEqual(left, [
      '/etc/default/tenstorrent-exporter',
      '/etc/default/tenstorrent-exporter-reader',
      '/etc/default/tt-allocation-server',
    ]);
    await machine.run(INSTALL, '--uninstall', '--purge');
    assert.equal(await listFiles(), filesBefore);
  });
});
