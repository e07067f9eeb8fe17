import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createLog, errorText } from '../../src/log/log.ts';
import type { Log, LogFormat, LogLevel } from '../../src/log/log.ts';

const START = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

function logInto(
  lines: string[],
  options: { format?: LogFormat; level?: LogLevel; clock?: { now: number } } = {},
): Log {
  const clock = options.clock ?? { now: START };
  return createLog({
    level: options.level ?? 'info',
    format: options.format ?? 'logfmt',
    write: (line) => lines.push(line),
    now: () => clock.now,
  });
}

describe('the log', () => {
  it('writes logfmt lines with time, level, message and fields', () => {
    const lines: string[] = [];
    logInto(lines).warn('cannot read', {
      path: '/sys/a b',
      tries: 3,
      last: true,
      serial: 2n ** 63n,
      missing: undefined,
    });
    assert.deepEqual(lines, [
      'ts=2026-01-02T03:04:05.006Z level=warn msg="cannot read" path="/sys/a b" tries=3 last=true serial=9223372036854775808\n',
    ]);
  });

  it('writes JSON lines that no field can take over', () => {
    const lines: string[] = [];
    logInto(lines, { format: 'json' }).error('failed', {
      level: 'mine',
      error: new Error('no', { cause: new Error('EIO') }),
    });
    assert.deepEqual(
      lines.map((line) => JSON.parse(line) as unknown),
      [{ level: 'error', error: 'no: EIO', ts: '2026-01-02T03:04:05.006Z', msg: 'failed' }],
    );
  });

  it('leaves out what is below its level', () => {
    const lines: string[] = [];
    const log = logInto(lines, { level: 'warn' });
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    assert.deepEqual(
      lines.map((line) => line.slice(28)),
      ['level=warn msg=c\n', 'level=error msg=d\n'],
    );
  });

  it('escapes quotes, backslashes, newlines, control and invisible characters', () => {
    const lines: string[] = [];
    logInto(lines).info('x', { a: 'q"b\\c\nd\te\u0000f', b: '', c: 'k=v', d: '\u202edrow', e: 'grün' });
    assert.equal(lines[0]?.split('msg=x ')[1], 'a="q\\"b\\\\c\\nd\\te\\u0000f" b="" c="k=v" d="\\u202edrow" e=grün\n');
  });

  it('is one line a call, whatever is in it', () => {
    for (const format of ['logfmt', 'json'] as const) {
      fc.assert(
        fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (msg, value) => {
          const lines: string[] = [];
          logInto(lines, { format }).info(msg, { value });
          assert.equal(lines.length, 1);
          assert.match(lines[0] ?? '', /^[^\n\r]*\n$/);
        }),
      );
    }
  });
});

describe('a message that repeats', () => {
  it('is written once a minute, with the number of those held back', () => {
    const lines: string[] = [];
    const clock = { now: START };
    const log = logInto(lines, { clock });
    for (let second = 0; second < 125; second++) {
      clock.now = START + second * 1000;
      log.warn('cannot read', { path: '/sys', took: second });
    }
    assert.deepEqual(
      lines.map((line) => line.replace(/^.*msg=/, '')),
      [
        '"cannot read" path=/sys took=0\n',
        '"cannot read" path=/sys took=60 held_back=59\n',
        '"cannot read" path=/sys took=120 held_back=59\n',
      ],
    );
  });

  it('is told apart by its text fields and its level', () => {
    const lines: string[] = [];
    const log = logInto(lines);
    for (let round = 0; round < 2; round++) {
      log.warn('cannot read', { path: '/a' });
      log.warn('cannot read', { path: '/b' });
      log.error('cannot read', { path: '/a' });
    }
    assert.equal(lines.length, 3);
  });

  it('is bounded even if its text changes every time', () => {
    const lines: string[] = [];
    const log = logInto(lines);
    for (let index = 0; index < 1000; index++) log.warn('cannot read', { path: `/${index}` });
    assert.equal(lines.length, 20);
  });

  it('is always written at level debug', () => {
    const lines: string[] = [];
    const log = logInto(lines, { level: 'debug' });
    log.debug('same');
    log.debug('same');
    assert.equal(lines.length, 2);
  });
});

describe('the text of an error', () => {
  it('has its causes, each once, and takes anything', () => {
    assert.equal(errorText(new Error('a', { cause: new Error('b', { cause: 'c' }) })), 'a: b: c');
    assert.equal(errorText(new Error('open /x: ENOENT', { cause: new Error('ENOENT') })), 'open /x: ENOENT');
    assert.equal(errorText(new TypeError('')), 'TypeError');
    assert.equal(errorText('text'), 'text');
  });
});
