import { test } from 'node:test';
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { scanTarget } from '../../../src/sources/procfs/scan-target.ts';
import { UnsearchedProcesses } from '../../../src/sources/procfs/unsearched.ts';
import type { ProcessScan } from '../../../src/sources/procfs/process-scan.ts';
import type { ScanTarget } from '../../../src/sources/procfs/scan-target.ts';
import { fakeProc, wantedFile } from './proc-fixture.ts';

const VIEW = { real: false, initial: true, nested: false, ownPid: 99 };

/** Files that name these PIDs, one after another. */
function naming(...files: readonly (readonly number[])[]): ScanTarget {
  const wanted = files.map((writerPids, index) =>
    wantedFile({ file: { dev: 1, ino: index }, fingerprint: '', attachMark: '', writerPids }),
  );
  return scanTarget(wanted, false);
}

/** A look at a process that sees itself under this number, for the files of these keys. */
function scanOf(pid: number, ownPid: number, part: Partial<ProcessScan> = {}): ProcessScan {
  return { pid, ownPid, files: new Map(), devices: new Map(), named: [], mapped: false, failure: undefined, ...part };
}

function hostScan(...scans: readonly ProcessScan[]) {
  const scanned = new Map(scans.map((scan) => [scan.pid, scan]));
  return { found: [], finished: true, scanned, unseen: undefined };
}

test('who has started since all were looked through is to be looked at once, if a file names its number', (t) => {
  const proc = fakeProc(t);
  const unsearched = new UnsearchedProcesses(proc.root);
  unsearched.reset(hostScan(scanOf(20, 1, { mapped: true }), scanOf(21, 1, { mapped: true })), 2);
  for (const pid of [20, 21]) proc.put({ pid, namespacePids: [pid, 1] });
  for (const pid of [22, 23, 99]) proc.put({ pid, namespacePids: [pid, 7] });
  proc.put({ pid: 24, namespacePids: [24, 8] });
  const search = (target: ScanTarget, forks: number) => unsearched.toSearch(target, { view: VIEW, forks });
  assert.deepEqual(search(naming([1, 7]), 6), [22, 23]);
  // One that could not be looked through is no matter of this, one that is not there neither.
  unsearched.settle(22, scanOf(22, 7, { mapped: true }));
  assert.deepEqual(search(naming([1, 7]), 6), [23]);
  unsearched.settle(23, undefined);
  assert.deepEqual(search(naming([7, 8]), 6), [24]);
  proc.remove(24);
  assert.deepEqual(search(naming([7, 8]), 7), []);
});

test('who was not looked through for a file is looked at when that names its number', (t) => {
  const proc = fakeProc(t);
  const unsearched = new UnsearchedProcesses(proc.root);
  const target = naming([7], [8]);
  const [first = ''] = target.files.keys();
  // It has a descriptor of the first file, so its mappings were not read.
  unsearched.reset(hostScan(scanOf(20, 7, { named: [first] }), scanOf(21, 9)), 0);
  unsearched.noteSearched(target);
  const search = (wanted: ScanTarget) => unsearched.toSearch(wanted, { view: VIEW, forks: 0 });
  assert.deepEqual(search(target), []);
  assert.deepEqual(search(naming([7], [8, 9])), [21]);
  assert.deepEqual(search(naming([7], [7, 8])), [20]);
});

test('nobody is listed while nothing has started', (t) => {
  const proc = fakeProc(t);
  const unsearched = new UnsearchedProcesses(proc.root);
  unsearched.reset(hostScan(), 5);
  proc.put({ pid: 20, namespacePids: [20, 1] });
  assert.deepEqual(unsearched.toSearch(naming([1]), { view: VIEW, forks: 5 }), []);
  assert.deepEqual(unsearched.toSearch(naming([1]), { view: VIEW, forks: 6 }), [20]);
});

test('once so many have started that a PID can have come back, or their number is not known, everybody is new', (t) => {
  for (const [forks, expected] of [
    [8191, []],
    [8192, [20]],
    [undefined, [20]],
  ] as const) {
    const proc = fakeProc(t);
    const unsearched = new UnsearchedProcesses(proc.root);
    proc.put({ pid: 20, namespacePids: [20, 1] });
    unsearched.reset(hostScan(scanOf(20, 1, { mapped: true })), 0);
    assert.deepEqual(unsearched.toSearch(naming([1]), { view: VIEW, forks }), expected, `${forks}`);
  }
});

test('one that cannot be read yet is looked at again', (t) => {
  const proc = fakeProc(t);
  const unsearched = new UnsearchedProcesses(proc.root);
  unsearched.reset(hostScan(), 0);
  proc.put({ pid: 20, namespacePids: [20, 1] });
  rmSync(join(proc.root, '20/status'));
  assert.deepEqual(unsearched.toSearch(naming([1]), { view: VIEW, forks: 1 }), []);
  proc.put({ pid: 20, namespacePids: [20, 1] });
  assert.deepEqual(unsearched.toSearch(naming([1]), { view: VIEW, forks: 2 }), [20]);
});
