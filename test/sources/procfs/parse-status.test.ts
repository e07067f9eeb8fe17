import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parseEffectiveCapabilities, parseStatus } from '../../../src/sources/procfs/parse-status.ts';

test('a status gives the PID in each namespace, the user, the state and the number of threads', () => {
  const text =
    'Name:\tjob\nState:\tS (sleeping)\nPid:\t4242\nNStgid:\t1\nUid:\t1000\t0\t0\t0\nNSpid:\t4242\t17\t1\nNSpgid:\t3\nThreads:\t4\n';
  assert.deepEqual(parseStatus(text), { namespacePids: [4242, 17, 1], uid: 1000, state: 'S', threads: 4 });
});

test('a name cannot forge the lines that count', () => {
  const text = 'Name:\tx\\nNSpid:\t7\\nUid:\t0\t\nState:\tZ (zombie)\nNSpid:\t4242\nThreads:\t1\n';
  assert.deepEqual(parseStatus(text), { namespacePids: [4242], uid: undefined, state: 'Z', threads: 1 });
});

test('a kernel without NSpid gives no namespace PIDs, and other text nothing', () => {
  assert.deepEqual(parseStatus('Name:\tjob\nState:\tR (running)\nThreads:\t1\n')?.namespacePids, []);
  assert.equal(parseStatus(''), undefined);
  assert.equal(parseStatus('Name:\tjob\n'), undefined);
});

test('the status of this very process is understood', () => {
  const text = readFileSync('/proc/self/status', 'utf8');
  assert.equal(parseStatus(text)?.namespacePids.at(-1), process.pid);
  assert.equal(parseStatus(text)?.uid, process.getuid?.());
  assert.equal(typeof parseEffectiveCapabilities(text), 'bigint');
});

test('effective capabilities are a set of bits', () => {
  assert.equal(parseEffectiveCapabilities('CapPrm:\t00000000000000ff\nCapEff:\t0000000000080004\n'), 0x80004n);
  assert.equal(parseEffectiveCapabilities('CapEff:\tzz\n'), undefined);
});

test('no text makes the parsers throw', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('NSpid:', 'State:', '\t', '\n', '7', 'Z', 'CapEff:', '99999999999', '\0')),
      (parts) => {
        const status = parseStatus(parts.join(''));
        assert.ok(status === undefined || status.namespacePids.every(Number.isSafeInteger));
        parseEffectiveCapabilities(parts.join(''));
      },
    ),
  );
});
