import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FlagError } from '../../src/flags/flag-error.ts';
import { parseListenAddress } from '../../src/flags/listen-address.ts';
import { editDistance, nearest } from '../../src/flags/nearest.ts';
import { parseReaderChoice, parseReaderListen, parseSeconds, parseUrlPath } from '../../src/flags/values.ts';

describe('an address to listen at', () => {
  it('is a host, an IP address or nothing, with a port', () => {
    const cases: readonly (readonly [string, string | undefined, number])[] = [
      [':10072', undefined, 10072],
      ['0.0.0.0:1', '0.0.0.0', 1],
      ['localhost:0', 'localhost', 0],
      ['node-1.example.com:65535', 'node-1.example.com', 65535],
      ['[::]:10072', '::', 10072],
      ['[fe80::1]:2', 'fe80::1', 2],
    ];
    for (const [text, host, port] of cases)
      assert.deepEqual(parseListenAddress(text), { kind: 'tcp', host, port, text });
  });

  it('is a Unix socket', () => {
    assert.deepEqual(parseListenAddress('unix:/run/x'), { kind: 'unix', path: '/run/x', text: 'unix:/run/x' });
    assert.deepEqual(parseListenAddress('/run/x.sock'), { kind: 'unix', path: '/run/x.sock', text: '/run/x.sock' });
  });

  it('is nothing else', () => {
    const bad = [
      '',
      ':',
      '10072',
      'a:b',
      ':65536',
      '::1:80',
      '[::1]',
      '[x]:1',
      'a b:1',
      '/run/x',
      'unix:run',
      'http://a:1',
      '-a:1',
    ];
    for (const text of [...bad, `unix:/${'x'.repeat(107)}`]) {
      assert.throws(() => parseListenAddress(text), FlagError, text);
    }
  });
});

describe('the values of flags', () => {
  it('are seconds or durations as Go spells them', () => {
    const cases = { '0': 0, '0.5': 0.5, '10': 10, '500ms': 0.5, '1m30s': 90, '1.5h': 5400, '0s': 0 };
    for (const [text, seconds] of Object.entries(cases)) assert.equal(parseSeconds(text), seconds);
    for (const text of ['', '-1', '.5', '1 s', '1x', 's', 'Infinity', '1e3']) {
      assert.throws(() => parseSeconds(text), FlagError, text);
    }
  });

  it('are ways to read', () => {
    assert.deepEqual(parseReaderChoice('fork'), { kind: 'fork' });
    assert.deepEqual(parseReaderChoice('inline'), { kind: 'inline' });
    assert.deepEqual(parseReaderChoice('unix:/run/r.sock'), { kind: 'unix', path: '/run/r.sock' });
    assert.deepEqual(parseReaderListen('unix:/r'), { kind: 'unix', path: '/r' });
    assert.throws(() => parseReaderListen('r.sock'), FlagError);
    assert.throws(() => parseReaderListen(`/${'ü'.repeat(60)}`), FlagError);
  });

  it('are paths of pages', () => {
    for (const text of ['/', '/metrics', '/a/b-c_d.e~', '/x(y)*:z']) assert.equal(parseUrlPath(text), text);
    for (const text of ['', 'x', '/a b', '/a?b', '/a#b', '/ü', '/a%20b', '/-/healthy']) {
      assert.throws(() => parseUrlPath(text), FlagError, text);
    }
  });
});

describe('the nearest word', () => {
  it('takes the fewest edits', () => {
    assert.equal(editDistance('kitten', 'sitting'), 3);
    assert.equal(editDistance('', 'abc'), 3);
    assert.equal(nearest('sysf', ['procfs', 'sysfs']), 'sysfs');
    assert.equal(nearest('zzzzzz', ['procfs', 'sysfs']), undefined);
  });
});
