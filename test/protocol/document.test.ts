import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeDocument, encodeSnapshotResponse } from '../../src/protocol/encode-document.ts';
import { DocumentError } from '../../src/protocol/json-fields.ts';
import { parseDocument } from '../support/parse-document.ts';
import { MAX_DOCUMENT_BYTES } from '../../src/protocol/snapshot-document.ts';
import { FULL_DOCUMENT, SMALL_DOCUMENT } from './documents.ts';

/** The document as plain JSON, to be changed. */
function plain(): Record<string, unknown> {
  return JSON.parse(encodeDocument(FULL_DOCUMENT).toString()) as Record<string, unknown>;
}

function parse(json: unknown): unknown {
  return parseDocument(Buffer.from(JSON.stringify(json)));
}

/** Sets what the path names, as errors write it: `devices[0].id`. */
function set(target: unknown, path: string, value: unknown): void {
  const names = path.split(/[.[\]]+/).filter((name) => name !== '');
  const last = names.pop() ?? assert.fail('no path');
  let at = target as Record<string, unknown>;
  for (const name of names) at = at[name] as Record<string, unknown>;
  at[last] = value;
}

function pathOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof DocumentError) return error.path;
    throw error;
  }
  return assert.fail('nothing was thrown');
}

describe('the snapshot document', () => {
  it('comes back whole, with everything and with nothing in it', () => {
    assert.deepEqual(parseDocument(encodeDocument(FULL_DOCUMENT)), FULL_DOCUMENT);
    assert.deepEqual(parseDocument(encodeDocument(SMALL_DOCUMENT)), SMALL_DOCUMENT);
  });

  it('follows its header', () => {
    const answer = encodeSnapshotResponse(Buffer.from('{}'), 9n);
    assert.deepEqual([answer.length, answer.readBigUInt64LE(8), answer.subarray(144).toString()], [146, 2n, '{}']);
  });

  it('has numbers from 2^53 on as decimal strings, and takes them', () => {
    const document = plain();
    const bytes = 2 ** 53 + 4096;
    set(document, 'devices[0].counters.allocatedBytes', { dram: String(bytes), l1: '7', host: '18446744073709551615' });
    const parsed = parseDocument(Buffer.from(JSON.stringify(document)));
    const { allocatedBytes } = parsed.devices[0]?.counters ?? assert.fail();
    assert.deepEqual(allocatedBytes, { dram: bytes, l1: 7, host: 2 ** 64 });
    assert.match(encodeDocument(parsed).toString(), new RegExp(`"dram":"${bytes}"`));
  });

  it('passes over fields and types that it does not know, wherever they are', () => {
    const document = plain();
    for (const path of ['later', 'server.later', 'devices[0].later', 'devices[0].processes[0].later']) {
      set(document, path, { any: [1, null, 'thing'] });
    }
    set(document, 'endedProcesses[0].later', null);
    set(document, 'devices[0].liveBytes.later_type', 'not even a number');
    set(document, 'schema', 7);
    assert.deepEqual(parse(document), { ...FULL_DOCUMENT, schema: 7 });
  });

  it('is refused where it says that this reader is too old', () => {
    const document = { ...plain(), schema: 9, minReader: 2 };
    assert.throws(() => parse(document), { name: 'DocumentError', message: /minReader: is 2, .* upgrade/ });
  });

  it('names the path of what is wrong', () => {
    const cases: [string, unknown][] = [
      ['schema', 0],
      ['schema', '1'],
      ['minReader', 2],
      ['server', undefined],
      ['server', []],
      ['server.version', 1],
      ['server.version', 'v'.repeat(65)],
      ['server.startSeconds', undefined],
      ['server.startSeconds', -1],
      ['server.messages.ALLOC', -1],
      ['server.messages', { ['x'.repeat(65)]: 1 }],
      ['server.messages', Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`n${index}`, 1]))],
      ['devices', {}],
      ['devices[0]', null],
      ['devices[0].id', -1],
      ['devices[0].id', 2 ** 31],
      ['devices[1].id', 0],
      ['devices[0].architecture', 'a'.repeat(65)],
      ['devices[0].liveBytes', undefined],
      ['devices[0].liveBytes.dram', 1.5],
      ['devices[0].liveBytes.dram', '01'],
      ['devices[0].liveBytes.dram', '18446744073709551616'],
      ['devices[0].liveBytes.dram', null],
      ['devices[0].liveBytes.dram', 2 ** 60],
      ['devices[0].ring.programs', undefined],
      ['devices[0].processes[0].pid', undefined],
      ['devices[0].processes[0].hostPid', 0],
      ['devices[0].processes[0].partial', 0],
      ['devices[0].processes[0].liveBytes', undefined],
      ['devices[0].processes[0].cbCores', 3],
      ['devices[0].processes[0].cbCores[0].x', 65_536],
      ['endedProcesses[0].comm', 'c'.repeat(257)],
      ['endedProcesses[0].devices[1].id', 0],
      ['endedProcesses[0].regions[0].chipId', '18446744073709551616'],
      ['regions[0].chipId', '07'],
      ['regions[0].chipId', 7],
      ['regions[0].processes[0].hostPid', undefined],
    ];
    for (const [path, value] of cases) {
      const document = plain();
      set(document, path, value);
      assert.equal(
        pathOf(() => parse(document)),
        path,
        `${path} = ${JSON.stringify(value)}`,
      );
    }
  });

  it('is refused when it is no JSON, no UTF-8, no object, or too large', () => {
    const bad = ['', '{', 'null', '3', '[]', '"text"', '[1,'].map((text) => Buffer.from(text));
    for (const bytes of [...bad, Buffer.from([0xff, 0xfe])])
      assert.equal(
        pathOf(() => parseDocument(bytes)),
        '',
      );
    assert.equal(
      pathOf(() => parseDocument(new Uint8Array(MAX_DOCUMENT_BYTES + 1))),
      '',
    );
    const infinite = { ...SMALL_DOCUMENT, takenSeconds: Infinity };
    assert.equal(
      pathOf(() => encodeDocument(infinite)),
      'takenSeconds',
    );
  });

  it('is refused at every length but its own', () => {
    const bytes = encodeDocument(SMALL_DOCUMENT);
    for (let length = 0; length < bytes.length; length++) {
      assert.equal(
        pathOf(() => parseDocument(bytes.subarray(0, length))),
        '',
      );
    }
  });

  it('throws nothing but its own error, whatever is in it', () => {
    const check = (json: unknown): void => {
      try {
        parse(json);
      } catch (error) {
        assert.ok(error instanceof DocumentError, String(error));
      }
    };
    const paths = [
      'server',
      'devices',
      'devices[0]',
      'devices[0].processes',
      'devices[0].counters',
      'endedProcesses[0]',
      'endedProcesses[0].regions',
      'regions',
      'regions[0]',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        const document = plain();
        set(document, path, value);
        check(document);
        check(value);
      }),
    );
  });

  it('takes no name for one of its own that JavaScript has for all objects', () => {
    const document: unknown = JSON.parse(
      '{"schema":1,"minReader":1,"server":{"version":"1","startSeconds":1,"messages":{"__proto__":3}}}',
    );
    const parsed = parse(document) as { server: { messages: object } };
    assert.deepEqual(Object.entries(parsed.server.messages), [['__proto__', 3]]);
    assert.equal(
      pathOf(() => parseDocument(Buffer.from('{"__proto__":{"schema":1}}'))),
      'schema',
    );
  });
});
