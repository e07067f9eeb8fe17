import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { OpenFiles } from '../../../src/sources/procfs/open-files.ts';
import { FAILED, GONE } from '../../../src/sources/procfs/proc-files.ts';
import { TENANTS } from '../../support/tenant.ts';
import { fakeProc, testRegion } from './proc-fixture.ts';

const O_PATH = 0o10000000;
const ALL = { has: () => true };

function openIn(t: TestContext, path: string, flags: string | number = 'r'): string {
  const descriptor = fs.openSync(path, flags);
  t.after(() => {
    fs.closeSync(descriptor);
  });
  return `fd/${descriptor}`;
}

test('the file behind a descriptor is told, on tmpfs and on the disk', (t) => {
  const region = testRegion(t);
  const link = openIn(t, region.path);
  const { dev, ino } = fs.statSync(region.path);
  const files = new OpenFiles(true);
  assert.deepEqual(files.fileBehind('/proc/self/', link, ALL), { dev, ino });
  assert.equal(files.fileBehind('/proc/self/', link, { has: () => false }), undefined);
  const self = fs.statSync(import.meta.filename);
  const own = openIn(t, import.meta.filename);
  const onDisk = files.fileBehind('/proc/self/', own, ALL);
  assert.ok(onDisk !== undefined && typeof onDisk !== 'symbol');
  assert.deepEqual([onDisk.dev, onDisk.ino], [self.dev, self.ino]);
  const stats = files.statOf('/proc/self/', own);
  assert.ok(stats !== undefined && typeof stats !== 'symbol' && stats.ino === self.ino);
});

test('a descriptor that is not there is gone', () => {
  const files = new OpenFiles(true);
  assert.deepEqual(
    [files.fileBehind('/proc/self/', 'fd/99999', ALL), files.statOf('/proc/999999999/', 'fd/1')],
    [GONE, GONE],
  );
});

test('what is on no mount of a process may be anything', () => {
  // A pipe is on a mount of the kernel's own that is in no list.
  const link = 'fd/0';
  const reader = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { OpenFiles } from '${new URL('../../../src/sources/procfs/open-files.ts', import.meta.url).href}';
       const files = new OpenFiles(true);
       console.log(String(files.fileBehind('/proc/self/', '${link}', { has: () => true })), String(files.statOf('/proc/self/', '${link}')));`,
    ],
    { encoding: 'utf8', input: '' },
  );
  assert.equal(reader.stdout.trim(), `${String(FAILED)} ${String(FAILED)}`, reader.stderr);
});

test('a folder made for a test is asked by stat', (t) => {
  const proc = fakeProc(t);
  const region = testRegion(t);
  proc.put({ pid: 5, descriptors: { 3: region.path, 4: '/nowhere' } });
  const files = new OpenFiles(false);
  const { dev, ino } = fs.statSync(region.path);
  const found = files.fileBehind(`${proc.root}/5/`, 'fd/3', ALL);
  assert.ok(found !== undefined && typeof found !== 'symbol');
  assert.deepEqual([found.dev, found.ino], [dev, ino]);
  assert.equal(files.statOf(`${proc.root}/5/`, 'fd/4'), GONE);
});

/** Looks through a process that holds files named like a region and a device, on a filesystem that never answers. */
const SCAN = `
  import { Deadline } from '${new URL('../../../src/collect/deadline.ts', import.meta.url).href}';
  import { Pace } from '${new URL('../../../src/sources/procfs/pace.ts', import.meta.url).href}';
  import { scanProcess } from '${new URL('../../../src/sources/procfs/process-scan.ts', import.meta.url).href}';
  import { scanTarget } from '${new URL('../../../src/sources/procfs/scan-target.ts', import.meta.url).href}';
  const wanted = { file: { dev: 1, ino: 1 }, fingerprint: '', attachMark: '', writerPids: [], writerMark: () => '' };
  const [root, pid] = process.argv.slice(1);
  const target = scanTarget([wanted], root === '/proc', { major: 1, danglingLinks: false });
  const scan = await scanProcess(root, Number(pid), target, new Pace(Deadline.after(10_000)));
  console.log(JSON.stringify([[...scan.files], [...scan.devices], scan.failure === undefined]));`;

test('files on FUSE are not asked, whatever their names are', TENANTS, async (t) => {
  const folder = fs.mkdtempSync(join(tmpdir(), 'fuse-'));
  t.after(() => {
    fs.rmdirSync(folder);
  });
  // Inside, the paths are what a region and a device have: /dev/… is a tmpfs of the namespace's own.
  const script = [
    `mount -t tmpfs none ${folder}`,
    `mkdir -p ${folder}/dev/tt_device_1_memory ${folder}/dev/card`,
    `exec 8<>/dev/fuse 9<>/dev/fuse`,
    `for fd in 8 9; do test $fd = 8 && name=tt_device_1_memory || name=card; mount -i -t fuse -o fd=$fd,rootmode=40000,user_id=0,group_id=0 none ${folder}/dev/$name; done`,
    `mount --move ${folder}/dev /dev 2>/dev/null || mount --bind ${folder}/dev /dev`,
    `mount --rbind ${folder}/dev /dev`,
    'exec "$@"',
  ].join(' && ');
  const hold = `
    const fs = require('fs');
    const flags = ${O_PATH} | fs.constants.O_DIRECTORY;
    fs.openSync('/dev/tt_device_1_memory', flags);
    fs.openSync('/dev/card', flags);
    process.stdin.on('end', () => process.exit()).resume();
    console.log('ready');`;
  const child = spawn('unshare', ['-m', 'sh', '-c', script, 'sh', process.execPath, '-e', hold], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(async () => {
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  });
  await once(child.stdout, 'data');
  const links = fs.readdirSync(`/proc/${child.pid}/fd`).map((fd) => fs.readlinkSync(`/proc/${child.pid}/fd/${fd}`));
  assert.ok(links.includes('/dev/tt_device_1_memory') && links.includes('/dev/card'), links.join());
  const proc = fakeProc(t);
  proc.link(Number(child.pid));
  for (const root of ['/proc', proc.root]) {
    const { stdout, stderr, signal } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', SCAN, root, `${child.pid}`],
      { encoding: 'utf8', timeout: 10_000, killSignal: 'SIGKILL' },
    );
    assert.deepEqual([signal, stdout.trim()], [null, '[[],[],true]'], stderr);
  }
});
