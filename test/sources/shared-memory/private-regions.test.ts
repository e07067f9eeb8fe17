import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Deadline } from '../../../src/collect/deadline.ts';
import { createSharedMemorySource } from '../../../src/sources/shared-memory/source.ts';
import type { SharedMemoryReading } from '../../../src/sources/shared-memory/types.ts';
import type { HolderProcess, Source, SourceState } from '../../../src/sources/source.ts';
import { eventually } from '../../support/eventually.ts';
import { holderOf, PRIVATE_SHM, regionStep, silentFuse, startTenant, TENANTS } from '../../support/tenant.ts';
import { regionFixture } from './fixture.ts';

const MIB = 2 ** 20;

type Reading = SourceState<SharedMemoryReading>;

function emptyFolder(t: TestContext): string {
  const folder = fs.mkdtempSync(join(tmpdir(), 'own-shm-'));
  t.after(() => {
    fs.rmSync(folder, { recursive: true });
  });
  return folder;
}

async function readWith(
  source: Source<SharedMemoryReading>,
  holders: readonly HolderProcess[],
  milliseconds = 20_000,
): Promise<Reading> {
  const deadline = Deadline.after(milliseconds);
  const run = source.start({
    deadline,
    wantedFiles: Promise.resolve([]),
    deviceHolders: Promise.resolve(holders),
  });
  await run.done;
  deadline.dispose();
  return run.state();
}

function read(t: TestContext, holders: readonly HolderProcess[]): Promise<Reading> {
  return readWith(createSharedMemorySource({ path: emptyFolder(t) }), holders);
}

/** What matters of each region. */
function regionsOf({ data }: Reading) {
  return (data?.regions ?? []).map(({ path, namespaces, status, region }) => [
    path,
    namespaces,
    status,
    region?.totals.dram,
  ]);
}

function reasonsOf({ errors }: Reading): string[] {
  return errors.map(({ reason }) => reason);
}

const shm = (pid: number, id: number | string) => `/proc/${pid}/root/dev/shm/tt_device_${id}_memory`;

test('regions in the /dev/shm of containers are read, each with its mount namespace', TENANTS, async (t) => {
  const one = await startTenant(t, [regionStep(7, 3 * MIB)]);
  const two = await startTenant(t, [regionStep(7, 5 * MIB), regionStep(8, MIB)]);
  const state = await read(t, [one.holder, two.holder, holderOf(process.pid)]);
  assert.deepEqual(
    [state.outcome, state.errors, regionsOf(state)],
    [
      'ok',
      [],
      [
        [shm(one.pid, 7), [one.mountNamespace], 'decoded', 3 * MIB],
        [shm(two.pid, 7), [two.mountNamespace], 'decoded', 5 * MIB],
        [shm(two.pid, 8), [two.mountNamespace], 'decoded', MIB],
      ],
    ],
  );
});

test('nobody is looked into who holds no device', TENANTS, async (t) => {
  await startTenant(t, [regionStep(7, 3 * MIB)]);
  const { outcome, data, errors } = await read(t, []);
  assert.deepEqual([outcome, data, errors], ['no_data', { regions: [] }, []]);
});

test('a region that containers share is read once, and is of all of their namespaces', TENANTS, async (t) => {
  const folder = fs.mkdtempSync('/dev/shm/pod-');
  t.after(() => {
    fs.rmSync(folder, { recursive: true });
  });
  const setup = `mount --bind ${folder} /dev/shm`;
  const one = await startTenant(t, [regionStep(7, MIB)], setup);
  const two = await startTenant(t, [regionStep(7, MIB)], setup);
  const state = await read(t, [one.holder, two.holder]);
  assert.deepEqual(regionsOf(state), [[shm(one.pid, 7), [one.mountNamespace, two.mountNamespace], 'decoded', 2 * MIB]]);
  // The same where the exporter's own is that folder: then it is the host's.
  const own = await readWith(createSharedMemorySource({ path: folder }), [one.holder, two.holder]);
  assert.deepEqual(regionsOf(own), [[join(folder, 'tt_device_7_memory'), undefined, 'decoded', 2 * MIB]]);
});

test('a container that has the /dev/shm of the host adds nothing to it', TENANTS, async (t) => {
  const path = `/dev/shm/tt_device_${process.pid}_memory`;
  t.after(() => {
    fs.rmSync(path, { force: true });
  });
  const tenant = await startTenant(t, [regionStep(process.pid, MIB)], 'true');
  const state = await readWith(createSharedMemorySource({ path: '/dev/shm' }), [tenant.holder]);
  const mine = regionsOf(state).filter(([place]) => String(place).includes(`_${process.pid}_`));
  assert.deepEqual([mine, state.errors], [[[path, undefined, 'decoded', MIB]], []]);
  // Removed, it is still what the process holds.
  await tenant.take({ kind: 'remove', path });
  const after = await readWith(createSharedMemorySource({ path: '/dev/shm' }), [tenant.holder]);
  const left = regionsOf(after).filter(([, namespaces]) => namespaces !== undefined);
  assert.deepEqual(
    left.map((region) => region.slice(1)),
    [[[tenant.mountNamespace], 'decoded', MIB]],
  );
  assert.match(String(left[0]?.[0]), new RegExp(`^/proc/${tenant.pid}/fd/\\d+$`));
});

test('a deleted region is read as long as a process that holds a device has it open', TENANTS, async (t) => {
  const path = '/dev/shm/tt_device_7_memory';
  const tenant = await startTenant(t, [regionStep(7, 2 * MIB)]);
  await tenant.take({ kind: 'remove', path });
  await tenant.take(regionStep(7, 6 * MIB));
  const state = await read(t, [tenant.holder]);
  assert.deepEqual(
    [state.errors, regionsOf(state).map(([, , status, dram]) => [status, dram])],
    [
      [],
      [
        ['decoded', 6 * MIB],
        ['decoded', 2 * MIB],
      ],
    ],
  );
  const { holder } = tenant;
  await tenant.kill();
  const after = await read(t, [holder]);
  assert.deepEqual([after.outcome, after.errors], ['no_data', []]);
});

test('a /dev/shm that is no tmpfs, is a link or is not mounted is not looked into', TENANTS, async (t) => {
  const folder = emptyFolder(t);
  const region = join(folder, 'tt_device_7_memory');
  fs.writeFileSync(region, regionFixture('v4'));
  const cases: [string, string[]][] = [
    [`mount --bind ${folder} /dev/shm`, ['untrusted']],
    ['mount -t ramfs none /dev/shm', ['untrusted']],
    [silentFuse('/dev/shm'), ['untrusted']],
    // A /dev of its own, in which shm is a link, or a folder like any other.
    [`mount -t tmpfs none /dev && mknod /dev/null c 1 3 && ln -s ${folder} /dev/shm`, []],
    [`mount -t tmpfs none /dev && mknod /dev/null c 1 3 && cp -r ${folder} /dev/shm`, []],
  ];
  for (const [setup, reasons] of cases) {
    const tenant = await startTenant(t, [], setup);
    const state = await read(t, [tenant.holder]);
    assert.deepEqual([state.outcome, regionsOf(state), reasonsOf(state)], ['no_data', [], reasons], setup);
    await tenant.kill();
  }
});

test(
  'what is no region in a /dev/shm is neither followed, opened nor waited for, and costs no other',
  TENANTS,
  async (t) => {
    const folder = emptyFolder(t);
    const region = join(folder, 'region');
    fs.writeFileSync(region, regionFixture('v4'));
    const setup = [
      PRIVATE_SHM,
      'cd /dev/shm',
      `ln -s ${region} tt_device_1_memory`,
      'mkfifo tt_device_2_memory',
      'mkdir tt_device_3_memory',
      'mknod tt_device_4_memory c 5 0',
      'truncate -s 1G tt_device_5_memory',
      'truncate -s 65537 tt_device_6_memory',
      `cp ${region} tt_device_8_memory && ln tt_device_8_memory tt_device_9_memory`,
      // Something else upon a file of the tmpfs.
      `touch tt_device_10_memory && mount --bind ${region} tt_device_10_memory`,
      'mkdir tt_device_11_memory',
      silentFuse('/dev/shm/tt_device_11_memory'),
    ].join(' && ');
    const tenant = await startTenant(t, [regionStep(7, MIB)], setup);
    const state = await read(t, [tenant.holder]);
    assert.deepEqual(
      regionsOf(state).map(([place, , ...rest]) => [String(place).replace(/.*device_/, ''), ...rest]),
      [
        ['1_memory', 'untrusted', undefined],
        ['2_memory', 'untrusted', undefined],
        ['3_memory', 'untrusted', undefined],
        ['4_memory', 'untrusted', undefined],
        ['5_memory', 'unsupported', undefined],
        ['6_memory', 'unsupported', undefined],
        ['7_memory', 'decoded', MIB],
        ['8_memory', 'decoded', 321_003],
        ['9_memory', 'untrusted', undefined],
        ['10_memory', 'untrusted', undefined],
        ['11_memory', 'untrusted', undefined],
      ],
    );
    // The links, FIFOs and devices themselves were looked at, not what they lead to.
    const problems = (state.data?.regions ?? []).map(({ problem }) => problem?.split(' ').slice(1, 5).join(' '));
    assert.deepEqual(problems.slice(0, 4), Array(4).fill('is not a regular'));
    assert.deepEqual(problems.slice(-3), ['is a second name', ...Array<string>(2).fill('has something mounted upon')]);
    // As many as one namespace may cause, and the rest in one.
    assert.deepEqual([state.errors.length, reasonsOf(state).at(-1)], [9, 'more_errors']);
  },
);

test('a file that becomes a link between two steps is never followed', TENANTS, async (t) => {
  const folder = emptyFolder(t);
  const target = join(folder, 'region');
  fs.writeFileSync(target, regionFixture('v4'));
  const path = '/dev/shm/tt_device_1_memory';
  const tenant = await startTenant(t, [{ kind: 'swap', path, target }]);
  const source = createSharedMemorySource({ path: emptyFolder(t) });
  const seen = new Set<unknown>();
  for (let turn = 0; turn < 300 || seen.size < 2; turn++) {
    for (const [, , status] of regionsOf(await readWith(source, [tenant.holder]))) seen.add(status);
  }
  // Empty where it was a file, refused where it was a link; decoded is what lies behind the link alone.
  assert.deepEqual(seen, new Set(['initializing', 'untrusted']));
});

/** A busy machine may be too slow for so many files in a container's time: then again. */
async function readInTime(read: () => ReturnType<typeof readWith>): ReturnType<typeof readWith> {
  return await eventually('a reading in time', async () => {
    const state = await read();
    return reasonsOf(state).includes('blocked') ? undefined : state;
  });
}

test('of a flood of files a bounded number is listed, and of regions read', TENANTS, async (t) => {
  const files = `${PRIVATE_SHM} && cd /dev/shm && seq -f 'x%.0f' 100000 | xargs touch`;
  const tenant = await startTenant(t, [], files);
  const state = await readInTime(() => read(t, [tenant.holder]));
  assert.deepEqual([state.outcome, reasonsOf(state)], ['no_data', ['too_many_files']]);
  assert.ok(state.durationSeconds < 2, `${state.durationSeconds} s`);
  const regions = `${PRIVATE_SHM} && cd /dev/shm && seq -f 'tt_device_%.0f_memory' 1000 | xargs touch`;
  const [many, other] = [await startTenant(t, [], regions), await startTenant(t, [regionStep(7, MIB)])];
  const flood = await readInTime(() => read(t, [many.holder, other.holder]));
  assert.deepEqual([flood.data?.regions.length, reasonsOf(flood)], [65, ['too_many_regions']]);
  assert.deepEqual(regionsOf(flood).at(-1), [shm(other.pid, 7), [other.mountNamespace], 'decoded', MIB]);
});

test('a namespace that does not answer costs itself alone, and is back when it does', TENANTS, async (t) => {
  const folder = emptyFolder(t);
  const mount = fs.mkdtempSync(join(tmpdir(), 'silent-'));
  const server = fs.openSync('/dev/fuse', 'r+');
  let isOpen = true;
  const close = () => {
    if (isOpen) fs.closeSync(server);
    isOpen = false;
  };
  t.after(() => {
    close();
    spawnSync('umount', ['-l', mount]);
    fs.rmdirSync(mount);
  });
  const options = 'fd=3,rootmode=40000,user_id=0,group_id=0';
  const mounted = spawnSync('mount', ['-i', '-t', 'fuse', '-o', options, 'none', mount], {
    stdio: ['ignore', 'inherit', 'inherit', server],
  });
  assert.equal(mounted.status, 0);
  // A process whose root is where no look-up comes back from, although its list of mounts looks as it should.
  const path = join(folder, 'process');
  fs.mkdirSync(join(path, 'ns'), { recursive: true });
  fs.symlinkSync('mnt:[77]', join(path, 'ns/mnt'));
  fs.symlinkSync(join(mount, 'root'), join(path, 'root'));
  fs.writeFileSync(join(path, 'mountinfo'), fs.readFileSync('/proc/self/mountinfo'));
  fs.mkdirSync(join(path, 'fd'));
  const tenant = await startTenant(t, [regionStep(7, MIB)]);
  const source = createSharedMemorySource({ path: emptyFolder(t) });
  const holders = [{ path, pid: 9, startTicks: 0, mountNamespace: 77 }, tenant.holder];
  const first = await readWith(source, holders);
  const expected = [[shm(tenant.pid, 7), [tenant.mountNamespace], 'decoded', MIB]];
  assert.deepEqual([regionsOf(first), reasonsOf(first)], [expected, ['blocked']]);
  assert.ok(first.durationSeconds >= 0.2, `${first.durationSeconds} s`);
  assert.match(first.errors[0]?.message ?? '', /^mount namespace 77: /);
  const second = await readWith(source, holders);
  assert.deepEqual([regionsOf(second), reasonsOf(second)], [expected, ['blocked']]);
  // What it may have is unknown, not absent.
  assert.deepEqual([first.data?.unseenHolders, second.data?.unseenHolders], [[9], [9]]);
  assert.ok(second.durationSeconds < 0.2, `${second.durationSeconds} s`);
  close();
  const third = await eventually('the namespace to be tried again', async () => {
    const state = await readWith(source, holders);
    return reasonsOf(state).includes('blocked') ? undefined : state;
  });
  assert.deepEqual([regionsOf(third), third.data?.unseenHolders], [expected, undefined]);
});

test('who holds a device is waited for, but not for ever', async (t) => {
  const folder = emptyFolder(t);
  fs.writeFileSync(join(folder, 'tt_device_1_memory'), regionFixture('v4'));
  const deadline = Deadline.after(200);
  const run = createSharedMemorySource({ path: folder }).start({
    deadline,
    wantedFiles: Promise.resolve([]),
    deviceHolders: new Promise(() => undefined),
  });
  await run.done;
  assert.ok(deadline.remaining() > 0);
  deadline.dispose();
  assert.deepEqual([run.state().outcome, reasonsOf(run.state())], ['ok', ['deadline']]);
});

test('without the rights nobody is looked into, and the missing one is named', TENANTS, async (t) => {
  const tenant = await startTenant(t, [regionStep(7, MIB)]);
  const holders = JSON.stringify([{ ...tenant.holder, mountNamespace: undefined }, tenant.holder]);
  const script = `
    import { createSharedMemorySource } from '${new URL('../../../src/sources/shared-memory/source.ts', import.meta.url).href}';
    import { Deadline } from '${new URL('../../../src/collect/deadline.ts', import.meta.url).href}';
    process.setgroups([]); process.setgid(65534); process.setuid(65534);
    const run = createSharedMemorySource({ path: '/nowhere' }).start({
      deadline: Deadline.after(10_000),
      wantedFiles: Promise.resolve([]),
      deviceHolders: Promise.resolve(${holders}),
    });
    await run.done;
    const { outcome, errors, data } = run.state();
    console.log(JSON.stringify([outcome, errors, data]));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.notEqual(stdout, '', stderr);
  const message = `/proc/${tenant.pid} and 0 more processes that hold a device may not be looked into, so regions in a /dev/shm of their own are not seen: give the exporter CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH`;
  const unseen = { regions: [], unseenHolders: [tenant.pid] };
  assert.deepEqual(JSON.parse(stdout), ['no_data', [{ reason: 'denied', message }], unseen]);
});

test('no descriptor stays open, whatever is found', TENANTS, async (t) => {
  const setup = `${PRIVATE_SHM} && cd /dev/shm && mkfifo tt_device_2_memory && ln -s /etc/passwd tt_device_3_memory`;
  const path = '/dev/shm/tt_device_7_memory';
  const tenants = [
    await startTenant(t, [regionStep(7, MIB)], setup),
    await startTenant(t, [regionStep(7, MIB), { kind: 'remove', path }]),
    await startTenant(t, [], silentFuse('/dev/shm')),
  ];
  const source = createSharedMemorySource({ path: emptyFolder(t) });
  const count = () => fs.readdirSync('/proc/self/fd').length;
  const holders = tenants.map(({ holder }) => holder);
  assert.equal((await readWith(source, holders)).data?.regions.length, 4);
  const before = count();
  for (let turn = 0; turn < 50; turn++) await readWith(source, holders);
  assert.equal(count(), before);
});
