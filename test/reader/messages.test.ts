import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CollectorConfig } from '../../src/collect/types.ts';
import { ProtocolError } from '../../src/reader/frames.ts';
import { parseClientMessage, parseReaderMessage, PROTOCOL } from '../../src/reader/messages.ts';
import type { ClientMessage, ReaderMessage } from '../../src/reader/messages.ts';
import { collectorConfig } from '../../src/flags/collector-config.ts';
import { defaultSettings } from '../../src/flags/parse.ts';

// JSON has no undefined: what is absent stays absent.
const CONFIG = JSON.parse(JSON.stringify(collectorConfig(defaultSettings()))) as CollectorConfig;

const CLIENT_MESSAGES: readonly ClientMessage[] = [
  { type: 'hello', protocol: PROTOCOL, version: '1.2.3' },
  {
    type: 'start',
    config: CONFIG,
    logLevel: 'info',
    logFormat: 'json',
  },
  { type: 'page', id: 1, collectors: null, format: 'text', gzip: true, timeoutMs: 9500.5 },
  { type: 'page', id: 2, collectors: ['sysfs'], format: 'openmetrics', gzip: false, timeoutMs: 0 },
  { type: 'own', id: 2, samples: 3 },
  { type: 'samples', id: 3, timeoutMs: 1000.5 },
  { type: 'reload', id: 3 },
  { type: 'ping', id: 4 },
];
const READER_MESSAGES: readonly ReaderMessage[] = [
  { type: 'hello', protocol: PROTOCOL, version: '1.2.3', collectors: ['sysfs'] },
  { type: 'refused', message: 'no' },
  { type: 'page', id: 1, series: 15_000 },
  { type: 'failed', id: 1, message: 'no' },
  { type: 'reloaded', id: 2, ok: false, message: 'no' },
  { type: 'samples', id: 2 },
  { type: 'pong', id: 3 },
];

function onlyProtocolErrors(parse: (head: unknown) => unknown, head: unknown): void {
  try {
    parse(head);
  } catch (error) {
    assert.ok(error instanceof ProtocolError);
  }
}

describe('the messages of the reader protocol', () => {
  it('are the same after the way through JSON', () => {
    for (const message of CLIENT_MESSAGES)
      assert.deepEqual(parseClientMessage(JSON.parse(JSON.stringify(message))), message);
    for (const message of READER_MESSAGES)
      assert.deepEqual(parseReaderMessage(JSON.parse(JSON.stringify(message))), message);
  });

  it('are refused where a field is missing or another kind of value', () => {
    for (const [messages, parse] of [
      [CLIENT_MESSAGES, parseClientMessage],
      [READER_MESSAGES, parseReaderMessage],
    ] as const) {
      for (const message of messages) {
        for (const field of Object.keys(message)) {
          assert.throws(() => parse({ ...message, [field]: undefined }), ProtocolError, `${message.type}.${field}`);
          if (field !== 'timeoutMs') assert.throws(() => parse({ ...message, [field]: -1.5 }), ProtocolError);
        }
      }
    }
  });

  it('keep the greeting of a later version readable', () => {
    assert.deepEqual(parseReaderMessage({ type: 'hello', protocol: 99, version: '9', more: {} }), {
      type: 'hello',
      protocol: 99,
      version: '9',
      collectors: [],
    });
  });

  it('are never anything but messages or a ProtocolError, whatever comes', () => {
    const types = fc.constantFrom(
      'hello',
      'start',
      'page',
      'own',
      'reload',
      'ping',
      'refused',
      'failed',
      'reloaded',
      'pong',
      '__proto__',
    );
    const head = fc.oneof(
      fc.anything(),
      fc.record({ type: types, id: fc.anything(), protocol: fc.anything(), collectors: fc.anything() }),
    );
    fc.assert(
      fc.property(head, (value) => {
        onlyProtocolErrors(parseClientMessage, value);
        onlyProtocolErrors(parseReaderMessage, value);
      }),
    );
  });
});
