import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { hasEnded, parseBootTime, parseForks, parseStat } from '../../../src/sources/procfs/parse-stat.ts';

const FIELDS = 'S 17 42 42 0 -1 4194560 93 0 0 0 7 3 0 0 20 0 5 0 123456 5000 100 18446744073709551615';

function line(comm: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from('42 ('), Buffer.from(comm), Buffer.from(`) ${FIELDS}\n`)]);
}

test('a stat line gives name, state, parent, threads and start', () => {
  const expected = { comm: 'python3', state: 'S', parentPid: 17, threads: 5, startTicks: 123456 };
  assert.deepEqual(parseStat(line('python3')), expected);
});

test('a name may hold what looks like the end of the name and of the line', () => {
  assert.equal(parseStat(line(') R 1 (x'))?.comm, ') R 1 (x');
  assert.equal(parseStat(line(') R 1 (x'))?.parentPid, 17);
  assert.equal(parseStat(line('a) Z 1 1\n9 (b'))?.startTicks, 123456);
});

test('what cannot be printed in a name is replaced, and it is cut at 15 bytes', () => {
  assert.equal(parseStat(line('a\nb\x1b[2J\x00'))?.comm, 'a\uFFFDb\uFFFD[2J\uFFFD');
  assert.equal(parseStat(line(Buffer.from([0x61, 0xff, 0xfe, 0x62])))?.comm, 'a\uFFFD\uFFFDb');
  assert.equal(parseStat(line('\u202ejob\u2028'))?.comm, '\uFFFDjob\uFFFD');
  assert.equal(parseStat(line('kworker/u8:2-events_unbound'))?.comm, 'kworker/u8:2-ev');
  assert.equal(parseStat(line(''))?.comm, '');
});

test('the stat of this very process is understood', () => {
  const stat = parseStat(readFileSync('/proc/self/stat'));
  assert.equal(stat?.parentPid, process.ppid);
  assert.ok(stat.threads > 1 && stat.startTicks > 0);
});

test('half a line, no line and other text are no stat', () => {
  for (const text of ['', '42', '42 (job', '42 (job)', `42 (job) S 1 2 3`, ') S (', '42 (job) SS 1']) {
    assert.equal(parseStat(Buffer.from(text)), undefined, JSON.stringify(text));
  }
});

test('no bytes make the parser throw, and a comm is always short and printable', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (bytes, asComm) => {
      const stat = parseStat(asComm ? line(Buffer.from(bytes)) : Buffer.from(bytes));
      if (!asComm) return;
      assert.equal(stat?.startTicks, 123456);
      assert.ok(stat.comm.length <= 15 && !/[\p{Cc}\p{Cs}]/u.test(stat.comm));
    }),
  );
});

test('only a leader with no other threads has ended', () => {
  assert.deepEqual(
    [
      ['Z', 1],
      ['Z', 2],
      ['X', 1],
      ['S', 1],
      ['Z', 0],
    ].map(([state, threads]) => hasEnded({ state: String(state), threads: Number(threads) })),
    [true, false, true, false, true],
  );
});

test('the time of boot is found behind long lines of interrupts', () => {
  assert.equal(
    parseBootTime(`cpu 1 2\nintr ${'1 '.repeat(9000)}\nctxt 1\nbtime 1700000000\nprocesses 2\n`),
    1_700_000_000,
  );
  assert.equal(parseBootTime('cpu 1 2\nxbtime 17\n'), undefined);
});

test('the count of processes started is taken as it is, and not made up', () => {
  assert.equal(parseForks('btime 17\nprocesses 123456\nprocs_running 2\n'), 123_456);
  for (const text of ['', 'procs_running 2\n', 'processes \n', 'processes 99999999999999999999\n']) {
    assert.equal(parseForks(text), undefined, text);
  }
});
