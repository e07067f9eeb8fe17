import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { listProcesses, lookAtProcfs, missingRights } from '../../../src/sources/procfs/rights.ts';
import { fakeProc } from './proc-fixture.ts';

const VIEW = { real: true, initial: true, nested: false, ownPid: 1 };
const ALL = (1n << 41n) - 1n;
const FACTS = { view: VIEW, invisibleHolders: false, capabilities: ALL, initialUserNamespace: true };

test('with every capability in the initial namespaces nothing is missing', () => {
  assert.deepEqual(missingRights(FACTS), []);
});

test('capabilities are missing by their bits, and not by the user', () => {
  assert.deepEqual(missingRights({ ...FACTS, capabilities: 0n }), ['CAP_SYS_PTRACE', 'CAP_DAC_READ_SEARCH']);
  assert.deepEqual(missingRights({ ...FACTS, capabilities: 1n << 19n }), ['CAP_DAC_READ_SEARCH']);
  assert.deepEqual(missingRights({ ...FACTS, capabilities: 1n << 2n }), ['CAP_SYS_PTRACE']);
  assert.deepEqual(missingRights({ ...FACTS, capabilities: (1n << 19n) | (1n << 1n) }), []);
  assert.deepEqual(missingRights({ ...FACTS, capabilities: undefined }), []);
});

test('capabilities in a user namespace of its own count for nothing', () => {
  const missing = missingRights({ ...FACTS, initialUserNamespace: false });
  assert.deepEqual(missing, ['CAP_SYS_PTRACE', 'CAP_DAC_READ_SEARCH']);
});

test('the host PID namespace is missing where the procfs is not its own, the reader is below it, or zeros are seen', () => {
  const only = ['host_pid_namespace'];
  assert.deepEqual(missingRights({ ...FACTS, view: { ...VIEW, initial: false } }), only);
  assert.deepEqual(missingRights({ ...FACTS, view: { ...VIEW, nested: true } }), only);
  assert.deepEqual(missingRights({ ...FACTS, invisibleHolders: true }), only);
});

test('a folder shows everything unless its first process says that it is in another namespace', (t) => {
  const proc = fakeProc(t);
  const view = { real: false, initial: true, nested: false, ownPid: process.pid };
  assert.deepEqual(lookAtProcfs(proc.root), view);
  proc.putNamespace('pid:[4026532222]');
  assert.deepEqual(lookAtProcfs(proc.root), { ...view, initial: false });
  proc.putNamespace('pid:[4026531836]');
  assert.deepEqual(lookAtProcfs(proc.root), view);
});

test('the real procfs shows the initial namespace if this process is in it, with or without rights over process 1', () => {
  const own = readlinkSync('/proc/self/ns/pid');
  assert.deepEqual(lookAtProcfs('/proc'), {
    real: true,
    initial: own === 'pid:[4026531836]',
    nested: false,
    ownPid: process.pid,
  });
});

test('a root that is not there is an error with its code', (t) => {
  assert.throws(() => lookAtProcfs(`${fakeProc(t).root}/none`), { code: 'ENOENT' });
});

test('a procfs that does not list process 1 hides processes, a folder has what it has', (t) => {
  const proc = fakeProc(t);
  proc.put({ pid: 7 });
  assert.deepEqual(listProcesses(proc.root, { ...VIEW, real: false }), { pids: [7], all: true });
  assert.deepEqual(listProcesses(proc.root, VIEW), { pids: [7], all: false });
  proc.put({ pid: 1 });
  assert.deepEqual(listProcesses(proc.root, VIEW), { pids: [1, 7], all: true });
  assert.deepEqual(listProcesses(`${proc.root}/none`, VIEW), { pids: [], all: false });
});
