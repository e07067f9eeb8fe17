import { test } from 'node:test';
import type { TestContext } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Deadline } from '../../../src/collect/deadline.ts';
import { mapsLine } from '../../../src/simulator/fake-proc.ts';
import { createProcfsSource } from '../../../src/sources/procfs/source.ts';
import type { FakeProc } from '../../../src/simulator/fake-proc.ts';
import type { FileHolders, ProcfsReading } from '../../../src/sources/procfs/types.ts';
import type { Source, WantedFile } from '../../../src/sources/source.ts';
import { fakeProc, readSource, runSource, testRegion } from './proc-fixture.ts';
import { syncLanes } from './sync-lanes.ts';

/** With no driver: where there is one and it lists no PIDs, everybody is looked at in each run. */
function procOf(t: TestContext): FakeProc {
  const proc = fakeProc(t);
  proc.putDriver(undefined);
  return proc;
}

function sourceOf(proc: FakeProc): Source<ProcfsReading> {
  return createProcfsSource({ path: proc.root, lanes: syncLanes() });
}

async function holders(source: Source<ProcfsReading>, ...wanted: WantedFile[]): Promise<FileHolders[]> {
  const { files } = await readSource(source, wanted);
  return [...files.values()];
}

const NOBODY = { pids: [], complete: true };

test('holders are the processes with a descriptor of the file, whatever its name', async (t) => {
  const proc = procOf(t);
  const [region, other] = [testRegion(t), testRegion(t)];
  const alias = `${region.path}-elsewhere_memory (deleted)`;
  symlinkSync(region.path, alias);
  proc.put({ pid: 30, descriptors: { 3: region.path, 4: region.path } });
  proc.put({ pid: 9, descriptors: { 3: 'socket:[1]', 8: alias } });
  proc.put({ pid: 12, descriptors: { 3: other.path, 4: '/gone/tt_device_7_memory' } });
  proc.put({ pid: 13, descriptors: { 3: `${region.path}.txt` }, namespacePids: [13, 1] });
  const reading = await readSource(sourceOf(proc), [region.wanted('a', 30), other.wanted('a', 12)]);
  assert.deepEqual(
    reading.files,
    new Map([
      [region.key, { pids: [9, 30], complete: true }],
      [other.key, { pids: [12], complete: true }],
    ]),
  );
  assert.deepEqual([...reading.processes.keys()].sort(), [12, 30, 9]);
});

test('a process that sees itself as a writer holds the file by its mapping alone, others are not asked', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  const maps = `55d0-55d1 r-xp 00000000 fd:00 9 /bin/job\n${mapsLine(region.major, region.minor, region.ino, `${region.path} (deleted)`)}`;
  proc.put({ pid: 50, namespacePids: [50, 4], maps });
  proc.put({ pid: 51, namespacePids: [51, 5], maps });
  proc.put({ pid: 4, maps: mapsLine(region.major, region.minor, region.ino + 1, '/x') });
  const source = sourceOf(proc);
  assert.deepEqual(await holders(source, region.wanted('a', 4)), [{ pids: [50], complete: true }]);
  assert.deepEqual(await holders(source, region.wanted('a', 4)), [{ pids: [50], complete: true }]);
  proc.put({ pid: 50, namespacePids: [50, 4] });
  const attached = { ...region.wanted('a', 4), attachMark: 'somebody has attached' };
  assert.deepEqual(await holders(source, attached), [NOBODY]);
});

test('a mapping is found wherever it stands in a long list', async (t) => {
  const region = testRegion(t);
  const other = '55d000000000-55d000001000 r-xp 00000000 fd:00 9 /bin/a-program\n';
  const wanted = mapsLine(region.major, region.minor, region.ino, region.path);
  // Around the end of the first piece that is read.
  for (const cut of [0, 1, 30, wanted.length - 1, wanted.length]) {
    const proc = procOf(t);
    const before = other.repeat(2000).slice(-(65_536 - cut));
    proc.put({ pid: 50, maps: `${before}${wanted}${other.repeat(2000)}` });
    assert.deepEqual(await holders(sourceOf(proc), region.wanted('a', 50)), [{ pids: [50], complete: true }], `${cut}`);
  }
});

test('two processes that see themselves as the same writer are both found', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  const source = sourceOf(proc);
  const descriptors = { 5: region.path };
  proc.putDevice(0, [60, 61]);
  proc.put({ pid: 60, namespacePids: [60, 1], descriptors });
  proc.put({ pid: 61, namespacePids: [61, 1] });
  assert.deepEqual(await holders(source, region.wanted('a', 1)), [{ pids: [60], complete: true }]);
  // The second one attaches: the writer is explained by the first, but it is a holder of a device and has that PID too.
  proc.put({ pid: 61, namespacePids: [61, 1], descriptors });
  assert.deepEqual(await holders(source, region.wanted('b', 1)), [{ pids: [60, 61], complete: true }]);
});

test('a second holder with the PID of a writer is found where the file tells of no attach', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  const source = sourceOf(proc);
  const descriptors = { 5: region.path };
  proc.putDevice(0, [60, 61]);
  proc.put({ pid: 60, namespacePids: [60, 1], descriptors });
  proc.put({ pid: 61, namespacePids: [61, 1] });
  await holders(source, region.wanted('a', 1));
  // Until the file's time is old enough to be told from another attach.
  while (Date.now() - statSync(region.path).ctimeMs < 50) await sleep(5);
  await holders(source, region.wanted('b', 1));
  proc.put({ pid: 61, namespacePids: [61, 1], descriptors });
  assert.deepEqual(await holders(source, region.wanted('c', 1)), [{ pids: [60, 61], complete: true }]);
});

test('a child that got the file from its parent is found, though it has the number of another holder', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  const source = sourceOf(proc);
  const descriptors = { 5: region.path };
  proc.putDevice(0, [60, 61]);
  proc.put({ pid: 60, namespacePids: [60, 3], descriptors });
  proc.put({ pid: 61, namespacePids: [61, 1], descriptors });
  while (Date.now() - statSync(region.path).ctimeMs < 50) await sleep(5);
  await holders(source, region.wanted('a', 1, 3));
  proc.put({ pid: 62, namespacePids: [62, 3], parentPid: 61, descriptors });
  // Nobody looks while nothing is written.
  assert.deepEqual(await holders(source, region.wanted('a', 1, 3)), [{ pids: [60, 61], complete: true }]);
  assert.deepEqual(await holders(source, region.wanted('b', 1, 3)), [{ pids: [60, 61, 62], complete: true }]);
});

test('who opens a device while nothing is written is looked through, where not everybody could be', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  const source = sourceOf(proc);
  proc.putNamespace('pid:[4026532222]');
  while (Date.now() - statSync(region.path).ctimeMs < 50) await sleep(5);
  const wanted = region.wanted('a', 1);
  assert.deepEqual(await holders(source, wanted), [{ pids: [], complete: false, cleared: [] }]);
  proc.put({ pid: 60, namespacePids: [60, 1] });
  proc.putDevice(0, [60]);
  assert.deepEqual(await holders(source, wanted), [{ pids: [], complete: false, cleared: [60] }]);
});

test('a child with nothing but the mapping is found when another has its number in the file', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  const source = sourceOf(proc);
  const maps = mapsLine(region.major, region.minor, region.ino, region.path);
  proc.putDevice(0, [60]);
  proc.put({ pid: 60, descriptors: { 5: region.path } });
  proc.put({ pid: 61, namespacePids: [61, 3], parentPid: 60, maps });
  // Nobody has reason to read its mappings.
  assert.deepEqual(await holders(source, region.wanted('a', 60)), [{ pids: [60], complete: true }]);
  proc.put({ pid: 62, namespacePids: [62, 3], descriptors: { 5: region.path } });
  proc.putDevice(0, [60, 62]);
  utimesSync(region.path, new Date(), new Date());
  assert.deepEqual(await holders(source, region.wanted('b', 60, 3)), [{ pids: [60, 61, 62], complete: true }]);
});

test('a child that lets go of what it has from its parent is no holder any more, whatever number it has', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  const source = sourceOf(proc);
  const descriptors = { 5: region.path };
  proc.putDevice(0, [60]);
  proc.put({ pid: 60, descriptors });
  proc.put({ pid: 61, namespacePids: [61, 2], parentPid: 60, descriptors });
  while (Date.now() - statSync(region.path).ctimeMs < 50) await sleep(5);
  // The number of a writer that was killed before.
  const wanted = region.wanted('a', 2, 60);
  assert.deepEqual(await holders(source, wanted), [{ pids: [60, 61], complete: true }]);
  proc.put({ pid: 61, namespacePids: [61, 2], parentPid: 60 });
  assert.deepEqual(await holders(source, wanted), [{ pids: [60], complete: true }]);
});

test('of who holds a device it is told who was looked through, where not everybody could be', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  const source = sourceOf(proc);
  proc.putNamespace('pid:[4026532222]');
  proc.putDevice(0, [60, 61, 63]);
  proc.put({ pid: 60, namespacePids: [60, 1], descriptors: { 5: region.path } });
  for (const pid of [61, 62]) proc.put({ pid, namespacePids: [pid, 1] });
  proc.put({ pid: 63, namespacePids: [63, 2] });
  while (Date.now() - statSync(region.path).ctimeMs < 50) await sleep(5);
  const partly = (pids: number[], cleared: number[]) => [{ pids, complete: false, cleared }];
  assert.deepEqual(await holders(source, region.wanted('a', 1)), partly([60], [61]));
  assert.deepEqual(await holders(source, region.wanted('b', 1, 2)), partly([60], [61, 63]));
  // Another process under a PID is another matter.
  proc.put({ pid: 63, namespacePids: [63, 5], startTicks: 9000 });
  assert.deepEqual(await holders(source, region.wanted('b', 1, 2)), partly([60], [61]));
  // An attach makes all the others suspect.
  proc.put({ pid: 61, namespacePids: [61, 1], descriptors: { 5: region.path } });
  utimesSync(region.path, new Date(), new Date());
  assert.deepEqual(await holders(source, region.wanted('c', 1, 2)), partly([60, 61], []));
});

test('a zombie holds nothing, a process whose first thread has ended does', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  proc.put({ pid: 70, state: 'Z', descriptors: { 3: region.path } });
  proc.put({ pid: 71, state: 'Z', threads: 3, threadDescriptors: { 71: {}, 72: { 3: region.path } } });
  const maps = mapsLine(region.major, region.minor, region.ino, region.path);
  proc.put({ pid: 75, state: 'Z', threads: 2, maps, threadDescriptors: { 76: {} } });
  assert.deepEqual(await holders(sourceOf(proc), region.wanted('a', 75)), [{ pids: [71, 75], complete: true }]);
});

test('a killed writer is gone at once, though nothing in the file has changed', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  const source = sourceOf(proc);
  proc.put({ pid: 80, descriptors: { 3: region.path } });
  assert.deepEqual(await holders(source, region.wanted('a', 80)), [{ pids: [80], complete: true }]);
  proc.remove(80);
  assert.deepEqual(await holders(source, region.wanted('a', 80)), [NOBODY]);
});

test('whoever inherited the file is found when the holder that was known leaves', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  const source = sourceOf(proc);
  const descriptors = { 3: region.path };
  proc.put({ pid: 80, startTicks: 1, descriptors });
  await holders(source, region.wanted('a', 80));
  proc.put({ pid: 90, descriptors });
  proc.remove(80);
  assert.deepEqual(await holders(source, region.wanted('a', 80)), [{ pids: [90], complete: true }]);
  // The same where the PID is taken over at once.
  proc.put({ pid: 91, descriptors });
  proc.put({ pid: 90, startTicks: 9000, descriptors });
  assert.deepEqual(await holders(source, region.wanted('a', 80)), [{ pids: [90, 91], complete: true }]);
});

test('a PID with a new owner is no holder, unless the new one holds the file too', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  const source = sourceOf(proc);
  proc.put({ pid: 80, startTicks: 1, descriptors: { 3: region.path } });
  await holders(source, region.wanted('a', 80));
  proc.put({ pid: 80, startTicks: 2 });
  assert.deepEqual(await holders(source, region.wanted('a', 80)), [NOBODY]);
  proc.put({ pid: 80, startTicks: 3, descriptors: { 3: region.path } });
  assert.deepEqual(await holders(source, region.wanted('b', 80)), [{ pids: [80], complete: true }]);
});

test('a holder that has moved to another descriptor, or has it no more, is seen to', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  const source = sourceOf(proc);
  proc.put({ pid: 80, descriptors: { 3: region.path } });
  await holders(source, region.wanted('a', 80));
  proc.put({ pid: 80, descriptors: { 3: 'socket:[9]', 14: region.path } });
  assert.deepEqual(await holders(source, region.wanted('a', 80)), [{ pids: [80], complete: true }]);
  const maps = mapsLine(region.major, region.minor, region.ino, region.path);
  proc.put({ pid: 80, descriptors: {}, maps });
  assert.deepEqual(await holders(source, region.wanted('a', 80)), [{ pids: [80], complete: true }]);
  proc.put({ pid: 80, descriptors: { 3: region.path } });
  assert.deepEqual(await holders(source, region.wanted('a', 80)), [{ pids: [80], complete: true }]);
  proc.put({ pid: 80, descriptors: { 3: testRegion(t).path } });
  assert.deepEqual(await holders(source, region.wanted('a', 80)), [NOBODY]);
});

test('nobody stays nobody while the file is unchanged, and is asked again when it changes', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  const source = sourceOf(proc);
  assert.deepEqual(await holders(source, region.wanted('a', 80)), [NOBODY]);
  // Without an attach, which would change the file, this cannot be: so it shows that nobody is asked.
  proc.put({ pid: 80, descriptors: { 3: region.path } });
  assert.deepEqual(await holders(source, region.wanted('a', 80)), [NOBODY]);
  assert.deepEqual(await holders(source, region.wanted('b', 80)), [{ pids: [80], complete: true }]);
});

test('a changed file whose writers are known holders does not have everybody asked', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  const source = sourceOf(proc);
  proc.put({ pid: 80, descriptors: { 3: region.path } });
  await holders(source, region.wanted('a', 80));
  proc.put({ pid: 81, descriptors: { 3: region.path } });
  assert.deepEqual(await holders(source, region.wanted('b', 80)), [{ pids: [80], complete: true }]);
  assert.deepEqual(await holders(source, region.wanted('c', 80, 81)), [{ pids: [80, 81], complete: true }]);
});

test('a slot of nobody beside a live writer has everybody asked once, until somebody attaches or writes to it', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  const source = sourceOf(proc);
  proc.put({ pid: 80, descriptors: { 3: region.path } });
  const marks = { attachMark: 'before', ofLeaked: 'leaked' };
  /** The live writer writes before every reading. */
  let writes = 0;
  const look = () => {
    writes += 1;
    const fingerprint = `bytes ${writes}`;
    const wanted = { ...region.wanted(fingerprint, 80, 999), attachMark: marks.attachMark };
    return holders(source, { ...wanted, writerMark: (pid) => (pid === 999 ? marks.ofLeaked : fingerprint) });
  };
  const live = { pids: [80], complete: true };
  assert.deepEqual(await look(), [live]);
  // Whoever is there now and was not found before shows whether everybody was asked.
  proc.put({ pid: 81, descriptors: { 3: region.path } });
  assert.deepEqual([await look(), await look()], [[live], [live]]);
  marks.attachMark = 'after';
  assert.deepEqual(await look(), [{ pids: [80, 81], complete: true }]);
  proc.put({ pid: 82, descriptors: { 3: region.path } });
  assert.deepEqual(await look(), [{ pids: [80, 81], complete: true }]);
  marks.ofLeaked = 'written to';
  assert.deepEqual(await look(), [{ pids: [80, 81, 82], complete: true }]);
  proc.put({ pid: 83, descriptors: { 3: region.path } });
  proc.remove(81);
  assert.deepEqual(await look(), [{ pids: [80, 82, 83], complete: true }]);
});

test('a writer that holds a device is found without asking everybody', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  const source = sourceOf(proc);
  await holders(source, region.wanted('a'));
  proc.put({ pid: 80, descriptors: { 3: region.path } });
  proc.put({ pid: 81, descriptors: { 3: region.path } });
  proc.putDevice(0, [80]);
  // 81 is not looked at: 80 explains the only writer.
  assert.deepEqual(await holders(source, region.wanted('b', 80)), [{ pids: [80], complete: true }]);
});

test('a holder of a device that attached and owns no slot is found by the change of the file', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  const source = sourceOf(proc);
  proc.put({ pid: 80, descriptors: { 3: region.path } });
  await holders(source, region.wanted('a', 80));
  await holders(source, region.wanted('b', 80));
  proc.put({ pid: 81, descriptors: { 3: region.path } });
  proc.putDevice(0, [80, 81]);
  // Any change of the inode moves st_ctime, as ftruncate() does.
  utimesSync(region.path, new Date(), new Date());
  assert.deepEqual(await holders(source, region.wanted('c', 80)), [{ pids: [80, 81], complete: true }]);
});

test('a folder whose first process is in another namespace proves nothing', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  proc.put({ pid: 80, descriptors: { 3: region.path } });
  proc.putNamespace('pid:[4026532222]');
  const { files, missingRights } = await readSource(sourceOf(proc), [region.wanted('a', 80)]);
  assert.deepEqual([...files.values()], [{ pids: [80], complete: false, cleared: [] }]);
  assert.ok(missingRights.includes('host_pid_namespace'));
});

test('processes that vanish while they are looked through spoil nothing', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  proc.put({ pid: 80, descriptors: { 3: region.path } });
  symlinkSync(join(proc.root, 'nowhere'), join(proc.root, '81'));
  proc.put({ pid: 82 });
  rmSync(join(proc.root, '82/fd'), { recursive: true });
  proc.put({ pid: 83 });
  rmSync(join(proc.root, '83/maps'));
  proc.put({ pid: 84, descriptors: { 3: region.path } });
  rmSync(join(proc.root, '84/stat'));
  assert.deepEqual(await holders(sourceOf(proc), region.wanted('a', 80, 83)), [{ pids: [80], complete: true }]);
});

test('a holder that cannot be read, and may be there, costs the proof', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  proc.put({ pid: 80, descriptors: { 3: region.path } });
  rmSync(join(proc.root, '80/stat'));
  // read() fails, as it does where there are too many open files.
  mkdirSync(join(proc.root, '80/stat'));
  assert.deepEqual(await holders(sourceOf(proc), region.wanted('a', 80)), [{ pids: [], complete: false, cleared: [] }]);
});

test('this program is no holder of what it reads', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  proc.put({ pid: process.pid, descriptors: { 3: region.path } });
  proc.putDevice(0, [process.pid]);
  const source = sourceOf(proc);
  assert.deepEqual(await holders(source, region.wanted('a', process.pid)), [NOBODY]);
  assert.deepEqual(await holders(source, region.wanted('b', process.pid)), [NOBODY]);
});

test('a deadline that comes too early leaves what was seen, proves nothing, and the next run makes up for it', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  const source = sourceOf(proc);
  proc.put({ pid: 80, descriptors: { 3: region.path } });
  const wanted = [region.wanted('a', 80)];
  assert.deepEqual(await holders(source, ...wanted), [{ pids: [80], complete: true }]);
  const passed = new Deadline(performance.now() - 1);
  const run = source.start({ deadline: passed, wantedFiles: Promise.resolve(wanted) });
  await run.done;
  const { outcome, data, errors } = run.state();
  assert.equal(outcome, 'failed');
  assert.deepEqual(
    [...(data?.files.values() ?? [])].filter(({ complete }) => complete),
    [],
  );
  assert.deepEqual(
    errors.map(({ reason }) => reason),
    ['deadline'],
  );
  assert.deepEqual(await holders(source, ...wanted), [{ pids: [80], complete: true }]);
});

test('a scan yields to the event loop and ends in the middle at its deadline', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  const descriptors = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [n, `pipe:[${n}]`]));
  for (let pid = 1000; pid < 1100; pid += 1) proc.put({ pid, descriptors });
  let turns = 0;
  const count = () => {
    turns += 1;
    handle = setImmediate(count);
  };
  let handle = setImmediate(count);
  const full = await runSource(sourceOf(proc), [region.wanted('a', 1)]);
  clearImmediate(handle);
  assert.deepEqual([...(full.data?.files.values() ?? [])], [NOBODY]);
  assert.ok(turns >= 3, `${turns} turns in ${full.durationSeconds} s`);
  const cut = await runSource(sourceOf(proc), [region.wanted('a', 1)], (full.durationSeconds * 1000) / 3);
  assert.equal(cut.outcome, 'failed');
  assert.deepEqual([...(cut.data?.files.values() ?? [])], [{ pids: [], complete: false, cleared: [] }]);
});

test('a file that is wanted no more is forgotten', async (t) => {
  const proc = procOf(t);
  const region = testRegion(t);
  const source = sourceOf(proc);
  assert.deepEqual(await holders(source, region.wanted('a', 80)), [NOBODY]);
  assert.deepEqual(await holders(source), []);
  proc.put({ pid: 80, descriptors: { 3: region.path } });
  assert.deepEqual(await holders(source, region.wanted('a', 80)), [{ pids: [80], complete: true }]);
});
