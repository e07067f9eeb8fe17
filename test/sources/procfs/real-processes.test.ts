import { test } from 'node:test';
import type { TestContext } from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FakeProc } from '../../../src/simulator/fake-proc.ts';
import { createProcfsSource } from '../../../src/sources/procfs/source.ts';
import type { ProcfsReading } from '../../../src/sources/procfs/types.ts';
import type { Source, WantedFile } from '../../../src/sources/source.ts';
import { fakeProc, readSource, temporaryFolder, testRegion, wantedFile } from './proc-fixture.ts';
import type { TestRegion } from './proc-fixture.ts';
import { syncLanes } from './sync-lanes.ts';

const ROOT_ONLY = { skip: process.getuid?.() === 0 ? false : 'needs root: namespaces and other users' };
const NAMESPACES = { skip: spawnSync('unshare', ['-p', '-f', 'true']).status === 0 ? false : 'needs PID namespaces' };
const USER_NAMESPACES = {
  skip: spawnSync('unshare', ['-U', '-r', 'true']).status === 0 ? false : 'needs user namespaces',
};
const INITIAL = readlinkSync('/proc/self/ns/pid') === 'pid:[4026531836]';
const NOBODY_UID = '65534';

/** Holds the file until its standard input ends, and says when it does. */
const HOLD = `require('fs').openSync(process.argv[1], 'r'); process.stdin.on('end', () => process.exit()).resume(); console.log('ready')`;

function sourceOf(path: string): Source<ProcfsReading> {
  return createProcfsSource({ path, lanes: syncLanes() });
}

async function start(
  t: TestContext,
  command: string,
  args: readonly string[],
): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(async () => {
    await kill(child);
  });
  const [data] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, line: data.toString().trim() };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

function pidOf(child: ChildProcess): number {
  assert.ok(child.pid !== undefined);
  return child.pid;
}

async function hold(t: TestContext, region: TestRegion): Promise<ChildProcess> {
  return (await start(t, process.execPath, ['-e', HOLD, region.path])).child;
}

/** In a PID namespace of its own, where it is process 1. Gives its PID on the host. */
async function holdInNamespace(t: TestContext, region: TestRegion): Promise<{ unshare: ChildProcess; pid: number }> {
  const args = ['-p', '-f', '--kill-child', '--mount-proc', process.execPath, '-e', HOLD, region.path];
  const { child } = await start(t, 'unshare', args);
  const pid = childrenOf(pidOf(child))[0];
  assert.ok(pid !== undefined);
  return { unshare: child, pid };
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => statusOf(name).includes(`\nPPid:\t${parent}\n`))
    .map(Number);
}

function statusOf(pid: string | number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

/** Threads of a killed process end one after another, and keep what is open until the last. */
function hasEnded(pid: number): boolean {
  const status = statusOf(pid);
  return status === '' || (status.includes('\nState:\tZ') && status.includes('\nThreads:\t1\n'));
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (condition()) return;
    await sleep(10);
  }
  assert.fail('did not come about within 5 s');
}

/** A folder that shows only these processes, so that everything of them may be seen. */
function procOf(t: TestContext, ...pids: number[]): FakeProc {
  const proc = fakeProc(t);
  proc.putDriver(undefined);
  for (const pid of pids) proc.link(pid);
  return proc;
}

interface Printed {
  readonly outcome: string;
  readonly files: readonly [string, { readonly pids: number[]; readonly complete: boolean }][];
  readonly processes: readonly { readonly pid: number; readonly namespacePids: number[] }[];
  readonly missingRights: string[];
  readonly reasons: string[];
}

function runElsewhere(
  root: string,
  wanted: readonly WantedFile[],
  user = '-',
  prefix: readonly string[] = [],
): Printed {
  const script = join(import.meta.dirname, 'run-procfs.ts');
  const [command, ...args] = [...prefix, process.execPath, script, root, user, JSON.stringify(wanted)] as const;
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout) as Printed;
}

test('a process with a descriptor of the file holds it until it is killed', async (t) => {
  const region = testRegion(t);
  const child = await hold(t, region);
  const pid = pidOf(child);
  const proc = procOf(t, pid);
  const source = sourceOf(proc.root);
  const wanted = [region.wanted('a', pid)];
  const { files, processes } = await readSource(source, wanted);
  assert.deepEqual(files, new Map([[region.key, { pids: [pid], complete: true }]]));
  const found = processes.get(pid);
  assert.deepEqual(
    [found?.parentPid, found?.comm, found?.namespacePids.at(-1)],
    [process.pid, readFileSync(`/proc/${pid}/comm`, 'utf8').trim(), pid],
  );
  await kill(child);
  assert.deepEqual((await readSource(source, wanted)).files, new Map([[region.key, { pids: [], complete: true }]]));
});

test('a holder is found among all processes of the host', async (t) => {
  const region = testRegion(t);
  const pid = pidOf(await hold(t, region));
  const { files, processes } = await readSource(sourceOf('/proc'), [region.wanted('a', pid)]);
  assert.deepEqual(files.get(region.key)?.pids, [pid]);
  assert.deepEqual([...processes.keys()], [pid]);
});

test('the start of a process is when it was started', async (t) => {
  const before = Date.now() / 1000;
  const region = testRegion(t);
  const pid = pidOf(await hold(t, region));
  const { processes } = await readSource(sourceOf('/proc'), [region.wanted('a', pid)]);
  const start = processes.get(pid)?.startTimeSeconds;
  // The kernel tells the time of boot in whole seconds.
  assert.ok(start !== undefined && start > before - 2 && start < Date.now() / 1000 + 1, `${start} after ${before}`);
});

test('a process holds the file by its mapping alone, and a deleted file too', async (t) => {
  const folder = temporaryFolder(t);
  const program = join(folder, 'tt_device_9_memory');
  copyFileSync('/bin/sleep', program);
  chmodSync(program, 0o755);
  if (spawnSync(program, ['0']).status !== 0) {
    t.skip('programs cannot be run from tmpfs here');
    return;
  }
  const child = spawn(program, ['1000'], { stdio: 'ignore' });
  t.after(() => kill(child));
  const pid = pidOf(child);
  await until(() => readFileSync(`/proc/${pid}/maps`, 'latin1').includes('tt_device_9_memory'));
  const region = testRegion(t);
  const { dev, ino } = statSync(program);
  rmSync(program);
  const wanted = [
    wantedFile({ file: { dev, ino }, fingerprint: 'a', attachMark: 'a', writerPids: [pid] }),
    region.wanted('a', pid),
  ];
  const { files } = await readSource(sourceOf(procOf(t, pid).root), wanted);
  assert.deepEqual(
    files,
    new Map([
      [`${dev}:${ino}`, { pids: [pid], complete: true }],
      [region.key, { pids: [], complete: true }],
    ]),
  );
});

test('a killed process that its parent has not waited for holds nothing', async (t) => {
  const region = testRegion(t);
  const { line } = await start(t, 'sh', ['-c', 'sleep 1000 3<"$0" & echo $!; exec sleep 1000 >&2', region.path]);
  const pid = Number(line);
  const source = sourceOf(procOf(t, pid).root);
  await until(() => readlinkSafely(`/proc/${pid}/fd/3`) === region.path);
  const wanted = [region.wanted('a', pid)];
  assert.deepEqual((await readSource(source, wanted)).files.get(region.key), { pids: [pid], complete: true });
  process.kill(pid, 'SIGKILL');
  await until(() => hasEnded(pid));
  const { files, processes } = await readSource(source, wanted);
  assert.deepEqual(files.get(region.key), { pids: [], complete: true });
  assert.deepEqual(processes, new Map());
});

function readlinkSafely(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

test(
  'two processes in namespaces of their own are both process 1 to the file, and told apart',
  NAMESPACES,
  async (t) => {
    const region = testRegion(t);
    const [first, second] = [await holdInNamespace(t, region), await holdInNamespace(t, region)];
    const source = sourceOf(procOf(t, first.pid, second.pid, process.ppid).root);
    const wanted = [region.wanted('a', 1)];
    const { files, processes } = await readSource(source, wanted);
    const pids = [first.pid, second.pid].sort((a, b) => a - b);
    assert.deepEqual(files.get(region.key), { pids, complete: true });
    assert.deepEqual(
      [...processes.values()].map(({ pid, namespacePids }) => [pid, ...namespacePids.slice(-2)]),
      pids.map((pid) => [pid, pid, 1]),
    );
    await kill(first.unshare);
    await until(() => hasEnded(first.pid));
    assert.deepEqual((await readSource(source, wanted)).files.get(region.key), { pids: [second.pid], complete: true });
  },
);

test('inside a PID namespace nothing is proven, and the missing right is named', NAMESPACES, (t) => {
  const region = testRegion(t);
  const inside = ['unshare', '-p', '-f', '--kill-child', '--mount-proc'];
  const { outcome, files, missingRights } = runElsewhere('/proc', [region.wanted('a', 1)], '-', inside);
  assert.deepEqual([outcome, files], ['ok', [[region.key, { pids: [], complete: false, cleared: [] }]]]);
  assert.ok(missingRights.includes('host_pid_namespace'));
});

test(
  'a reader below the namespace that its procfs shows is told so, as the driver prints it other PIDs',
  NAMESPACES,
  () => {
    const module = join(import.meta.dirname, '../../../src/sources/procfs/rights.ts');
    const script = `import(${JSON.stringify(module)}).then((m) => console.log(JSON.stringify([process.pid, m.lookAtProcfs('/proc')])))`;
    const { stdout } = spawnSync('unshare', ['-p', '-f', '--kill-child', process.execPath, '-e', script], {
      encoding: 'utf8',
    });
    const [inner, view] = JSON.parse(stdout) as [number, { readonly nested: boolean; readonly ownPid: number }];
    assert.deepEqual([inner, view.nested], [1, true]);
    assert.notEqual(view.ownPid, 1);
    const { missingRights } = runElsewhere('/proc', [], '-', ['unshare', '-p', '-f', '--kill-child']);
    assert.ok(missingRights.includes('host_pid_namespace'));
  },
);

test('an ordinary user proves nothing, and is told which rights are missing', ROOT_ONLY, async (t) => {
  const region = testRegion(t);
  const pid = pidOf(await hold(t, region));
  const wanted = [region.wanted('a', pid)];
  const onHost = runElsewhere('/proc', wanted, NOBODY_UID);
  assert.deepEqual(onHost.files, [[region.key, { pids: [], complete: false, cleared: [] }]]);
  assert.deepEqual(onHost.missingRights, [
    ...(INITIAL ? [] : ['host_pid_namespace']),
    'CAP_SYS_PTRACE',
    'CAP_DAC_READ_SEARCH',
  ]);
  assert.deepEqual(onHost.reasons, ['denied']);
  const proc = procOf(t, pid);
  chmodSync(join(proc.root, '..'), 0o755);
  const { files } = runElsewhere(proc.root, wanted, NOBODY_UID);
  assert.deepEqual(files, [[region.key, { pids: [], complete: false, cleared: [] }]]);
});

test('a folder of descriptors, a link or a mapping that may not be read spoils the proof alone', ROOT_ONLY, (t) => {
  const region = testRegion(t);
  const proc = procOf(t);
  chmodSync(join(proc.root, '..'), 0o755);
  chmodSync(join(region.path, '..'), 0o755);
  proc.put({ pid: 80, descriptors: { 3: region.path } });
  const run = () => runElsewhere(proc.root, [region.wanted('a', 80, 81)], NOBODY_UID);
  assert.deepEqual(run().files, [[region.key, { pids: [80], complete: true }]]);
  proc.put({ pid: 81 });
  for (const path of ['81/fd', '81/maps', '81/status']) {
    chmodSync(join(proc.root, path), 0o000);
    const { files, reasons } = run();
    assert.deepEqual(
      [files, reasons],
      [[[region.key, { pids: [80], complete: false, cleared: [] }]], ['denied']],
      path,
    );
    chmodSync(join(proc.root, path), 0o755);
  }
  // A link that leads where this user may not go.
  const hidden = testRegion(t);
  chownSync(join(hidden.path, '..'), 0, 0);
  proc.put({ pid: 81, descriptors: { 3: hidden.path } });
  assert.deepEqual(run().files, [[region.key, { pids: [80], complete: false, cleared: [] }]]);
});

test('root of a user namespace has no rights over the host', USER_NAMESPACES, () => {
  const { missingRights } = runElsewhere('/proc', [], '-', ['unshare', '-U', '-r']);
  assert.deepEqual(missingRights.slice(-2), ['CAP_SYS_PTRACE', 'CAP_DAC_READ_SEARCH']);
});

test('no descriptor stays open after runs over the whole host', async (t) => {
  const region = testRegion(t);
  const child = await hold(t, region);
  const source = sourceOf('/proc');
  const count = () => readdirSync('/proc/self/fd').length;
  await readSource(source, [region.wanted('0', pidOf(child))]);
  const before = count();
  for (let n = 1; n <= 20; n += 1) await readSource(source, [region.wanted(`${n}`, 1, pidOf(child))]);
  assert.equal(count(), before);
  await source.close();
});
