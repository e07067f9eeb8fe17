import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeDocument } from '../../src/protocol/encode-document.ts';
import { DocumentError } from '../../src/protocol/json-fields.ts';
import { DocumentParser } from '../../src/protocol/parse-document.ts';
import { MAX_ENTRIES } from '../../src/protocol/snapshot-document.ts';
import type { SnapshotDocument } from '../../src/protocol/snapshot-document.ts';
import { FULL_DOCUMENT, SMALL_DOCUMENT } from './documents.ts';

const HEAD = '"schema":1,"minReader":1,"server":{"version":"1","startSeconds":1}';
const NOTHING: SnapshotDocument = {
  schema: 1,
  minReader: 1,
  server: { version: '1', startSeconds: 1, messages: {}, rejectedMessages: {} },
  devices: [],
  endedProcesses: [],
};

function parse(text: string, pieceBytes = Infinity): SnapshotDocument {
  const parser = new DocumentParser();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) parser.push(bytes.subarray(at, at + pieceBytes));
  return parser.end();
}

function refusal(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof DocumentError) return error.message;
    throw error;
  }
  return 'taken';
}

function listed(count: number, item: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => item(index)).join(',');
}

describe('a document that comes in parts', () => {
  it('is the same however it is cut', () => {
    for (const space of [0, 3]) {
      const text = JSON.stringify(FULL_DOCUMENT, undefined, space);
      for (const bytes of [1, 2, 3, 7, 100]) assert.deepEqual(parse(text, bytes), FULL_DOCUMENT);
    }
  });

  it('has names and texts with any letters, escaped or not, and values of any kind that are passed over', () => {
    const texts = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(texts, fc.jsonValue(), fc.integer({ min: 1, max: 9 }), fc.boolean(), (comm, value, bytes, ascii) => {
        const ended = { pid: 1, comm, devices: [] };
        const json = JSON.stringify({
          ...SMALL_DOCUMENT,
          [`x${comm}`]: value,
          endedProcesses: [{ [`y${comm}`]: value, ...ended }],
        });
        const escaped = json.replace(
          /[\u007f-\uffff]/g,
          (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
        );
        const text = ascii ? escaped : json;
        const parsed = parse(text, bytes);
        const { comm: wellFormed } = JSON.parse(Buffer.from(JSON.stringify(ended)).toString()) as { comm: string };
        assert.deepEqual(parsed.endedProcesses, [{ ...ended, comm: wellFormed }]);
      }),
    );
  });

  it('knows a list whose name is written with escapes', () => {
    assert.equal(parse(`{${HEAD},"dev\\u0069ces":[{"id":3,"liveBytes":{}}]}`).devices[0]?.id, 3);
  });

  it('is refused where it is no JSON, wherever that is', () => {
    const wrong = [
      `{${HEAD}`,
      `{${HEAD},}`,
      `{${HEAD}}{`,
      `{${HEAD}]`,
      `{,${HEAD}}`,
      `{${HEAD} "devices":[]}`,
      `{${HEAD},"devices":[{"id":0,"liveBytes":{}}`,
      `{${HEAD},"devices"[]}`,
      `{${HEAD},"takenSeconds":}`,
      `{${HEAD},"takenSeconds":1 2}`,
      `{${HEAD},"takenSeconds":[1}}`,
      `{${HEAD},takenSeconds:1}`,
    ];
    assert.deepEqual(
      wrong.map((text) => refusal(text)),
      wrong.map(() => 'document: is no JSON in UTF-8'),
    );
  });

  it('is refused where a list is there twice, and takes the last of other members, as JSON.parse does', () => {
    assert.equal(refusal(`{${HEAD},"devices":[],"devices":[]}`), 'devices: is there twice');
    assert.deepEqual(parse(`{${HEAD},"takenSeconds":1,"takenSeconds":2}`), { ...NOTHING, takenSeconds: 2 });
  });

  it('is refused where one object is large by itself, or deep', () => {
    const large = `{${HEAD},"devices":[{"id":0,"architecture":"${'x'.repeat(140_000)}"}]}`;
    assert.equal(refusal(large), 'devices[0]: has more than 131072 bytes by itself');
    const deep = `{${HEAD},"devices":[{"id":0,"liveBytes":${'{"x":'.repeat(33)}0${'}'.repeat(33)}}]}`;
    assert.equal(refusal(deep), 'devices[0]: has lists and objects in one another, more than 32');
    assert.deepEqual(parse(`{${HEAD},"later":${'['.repeat(1e6)}${']'.repeat(1e6)}}`), NOTHING);
  });

  it('is refused as one for later readers even where its entries look strange', () => {
    const text = '{"schema":9,"minReader":2,"devices":[{"id":"zero"}],"server":{}}';
    assert.match(refusal(text), /^minReader: is 2, .* upgrade/u);
  });

  it('is refused where there are more entries than any server has', () => {
    const device = (id: number): string => `{"id":${id},"liveBytes":{}}`;
    const process = '{"pid":1,"partial":false,"liveBytes":{}}';
    const writer = '{"pid":1,"hostPid":1}';
    const most = {
      devices: (more: number) => `"devices":[${listed(MAX_ENTRIES.devices + more, device)}]`,
      processes: (more: number) =>
        `"devices":[{"id":0,"liveBytes":{},"processes":[${listed(MAX_ENTRIES.processes + more, () => process)}]}]`,
      regions: (more: number) => `"regions":[${listed(MAX_ENTRIES.regions + more, () => '{"chipId":"1"}')}]`,
      regionProcesses: (more: number) =>
        `"regions":[{"chipId":"1","processes":[${listed(MAX_ENTRIES.regionProcesses + more, () => writer)}]}]`,
    };
    for (const [name, text] of Object.entries(most)) {
      assert.equal(refusal(`{${HEAD},${text(0)}}`), 'taken');
      assert.match(refusal(`{${HEAD},${text(1)}}`), new RegExp(`has more than \\d+ ${name}, which are the most$`, 'u'));
    }
  });

  it('has the last of the processes that have ended, and says how many it left out', () => {
    const parser = new DocumentParser();
    const devices = listed(5, (id) => `{"id":${id}}`);
    const ended = listed(2000, (pid) => `{"pid":${pid},"devices":[${devices}]}`);
    parser.push(Buffer.from(`{${HEAD},"endedProcesses":[${ended}]}`));
    const kept = parser.end().endedProcesses.map(({ pid }) => pid);
    assert.deepEqual([kept.length, kept[0], kept.at(-1), parser.leftOut], [1638, 362, 1999, 362]);
  });

  it('can be read without what nobody wants to know', () => {
    const parser = new DocumentParser({ without: ['cbCores', 'counters'] });
    parser.push(encodeDocument(FULL_DOCUMENT));
    const [device] = parser.end().devices;
    const { cbCores, counters, ...rest } = FULL_DOCUMENT.devices[0]?.processes[0] ?? assert.fail();
    assert.deepEqual(device?.processes, [rest]);
    assert.ok(cbCores !== undefined && counters !== undefined);
  });
});
