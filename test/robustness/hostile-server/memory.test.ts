import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { encodeDocument } from '../../../src/protocol/encode-document.ts';
import { MAX_DOCUMENT_BYTES } from '../../../src/protocol/snapshot-document.ts';
import { createSimulatedHost } from '../../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../../src/simulator/hosts.ts';
import { eventually } from '../../support/eventually.ts';
import { parseExposition } from '../../support/exposition-parser.ts';
import { startExporter } from '../../support/start-exporter.ts';
import type { RunningExporter } from '../../support/start-exporter.ts';
import { getPage } from '../get-page.ts';
import { forgetPeak, pidsOf, residentBytes } from '../process-state.ts';
import { fullestDocument, HOSTILE_DOCUMENTS } from './documents.ts';
import { largestHonestDocument } from './honest-document.ts';
import { startHostileServer } from './hostile-server.ts';
import type { HostileServer } from './hostile-server.ts';

/** What a server may cost the reader beyond what it takes anyway. */
const MOST_MORE_BYTES = 64e6;
const SCRAPE_SECONDS = 1.5;
/** For what is to be read to its end. */
const PATIENT_SECONDS = 30;
/** On a machine that does several things at once. */
const LATE_SECONDS = 4;

const FAILURES = /^tt_exporter_read_errors_total\{collector="allocation_server",reason="(\w+)"\} (\d+)$/gmu;

let host: SimulatedHost;
let server: HostileServer;
let exporter: RunningExporter;
let restBytes = 0;
before(async () => {
  host = await createSimulatedHost('p150');
  server = await startHostileServer(host.socket);
  exporter = await startExporter(host.flags());
  serve(encodeDocument(largestHonestDocument(1, 1)));
  for (let scrapes = 0; scrapes < 10; scrapes++) await scrape(PATIENT_SECONDS);
  restBytes = residentBytes(pidsOf(exporter).reader).now;
});
after(async () => {
  await exporter.stop();
  await server.close();
  await host.close();
});

afterEach(() => {
  server.endAll();
});

function serve(bytes: Buffer): void {
  server.answer = { announced: bytes.length, parts: () => [bytes] };
}

/** A scrape that answers in time, with a valid page that has the other sources' numbers. */
async function scrape(timeoutSeconds = SCRAPE_SECONDS): Promise<string> {
  await eventually('the end of the connection before', () => server.connections === 0);
  const { status, body, milliseconds } = await getPage(`${exporter.url}/metrics`, timeoutSeconds);
  assert.equal(status, 200);
  assert.ok(milliseconds < 1000 * (timeoutSeconds + LATE_SECONDS), `answered after ${milliseconds} ms`);
  parseExposition(Buffer.from(body), 'text');
  assert.ok(
    body.includes('\ntt_device_temperature_celsius{device="0"'),
    'the page lacks what does not come from the server',
  );
  return body;
}

function succeeded(page: string): boolean {
  return page.includes('\ntt_exporter_collector_success{collector="allocation_server"} 1\n');
}

const seenFailures = new Map<string, number>();

/** What went wrong with the server since the page before, by reason. */
function failuresSince(page: string): Record<string, number> {
  const since: Record<string, number> = {};
  for (const [, reason = '', text] of page.matchAll(FAILURES)) {
    const more = Number(text) - (seenFailures.get(reason) ?? 0);
    seenFailures.set(reason, Number(text));
    if (more > 0) since[reason] = more;
  }
  return since;
}

/** What it cost the reader at the most, at any moment since. */
function watchMemory(): () => number {
  const { reader } = pidsOf(exporter);
  forgetPeak(reader);
  return () => residentBytes(reader).peak - restBytes;
}

function assertBounded(more: number): void {
  assert.ok(more < MOST_MORE_BYTES, `the reader took ${(more / 1e6).toFixed(1)} MB more`);
}

describe('an allocation server costs the reader less than 64 MB', () => {
  it('that announces more than a document may have, and the log says how much that is', async () => {
    server.answer = { announced: 2 ** 52, parts: () => endless(Buffer.alloc(2 ** 20, '[')) };
    const more = watchMemory();
    assert.deepEqual(failuresSince(await scrape()), { document_too_large: 1 });
    await exporter.waitForLine(
      /reason=document_too_large error="[^"]*has 4503599627370496 bytes, where 100663296 are/u,
    );
    assertBounded(more());
  });

  it('that sends on and on behind its document', async () => {
    server.answer = { announced: 1000, parts: () => endless(Buffer.alloc(2 ** 20, ' ')) };
    const more = watchMemory();
    assert.deepEqual(failuresSince(await scrape()), { extra_bytes: 1 });
    assertBounded(more());
  });

  it('that sends a byte from time to time', async () => {
    server.answer = { announced: 2 ** 20, parts: () => drip() };
    const more = watchMemory();
    assert.deepEqual(failuresSince(await scrape()), { incomplete_answer: 1 });
    assert.deepEqual(failuresSince((await getPage(`${exporter.url}/metrics`, SCRAPE_SECONDS)).body), { parked: 1 });
    assertBounded(more());
  });

  for (const [name, make] of Object.entries(HOSTILE_DOCUMENTS)) {
    it(`whose document has ${name}`, async (t) => {
      const document = make();
      assert.ok(document.bytes <= MAX_DOCUMENT_BYTES);
      server.answer = { announced: document.bytes, parts: () => document.parts() };
      const more = watchMemory();
      const page = await scrape();
      t.diagnostic(`${(document.bytes / 1e6).toFixed(1)} MB cost ${(more() / 1e6).toFixed(1)} MB`);
      assertBounded(more());
      // It is taken, refused, or cut off at the deadline.
      const failures = Object.keys(failuresSince(page));
      const expected = succeeded(page) ? [] : ['bad_document', 'incomplete_answer'];
      assert.ok(failures.length === Math.min(1, expected.length) && failures.every((each) => expected.includes(each)));
    });
  }

  it('whose document has as many entries as there may be, each with everything in it', async (t) => {
    const document = fullestDocument();
    server.answer = { announced: document.bytes, parts: () => document.parts() };
    const more = watchMemory();
    const page = await scrape(PATIENT_SECONDS);
    assert.ok(succeeded(page));
    t.diagnostic(`${(document.bytes / 1e6).toFixed(1)} MB cost ${(more() / 1e6).toFixed(1)} MB`);
    assertBounded(more());
    failuresSince(page);
  });

  it('that has as much to say as an honest one can have', async (t) => {
    const document = encodeDocument(largestHonestDocument());
    assert.ok(MAX_DOCUMENT_BYTES > 4 * document.length, `it has ${document.length} bytes`);
    serve(document);
    const more = watchMemory();
    const page = await scrape(PATIENT_SECONDS);
    assert.ok(succeeded(page));
    assert.deepEqual(failuresSince(page), { too_many_entries: 1 });
    t.diagnostic(`${(document.length / 1e6).toFixed(1)} MB cost ${(more() / 1e6).toFixed(1)} MB`);
    assertBounded(more());
  });

  it('that has come to reason', async () => {
    serve(encodeDocument(largestHonestDocument(1, 1)));
    assert.ok(succeeded(await scrape()));
    assertBounded(residentBytes(pidsOf(exporter).reader).now - restBytes);
  });
});

function* endless(part: Buffer): Generator<Buffer, never> {
  for (;;) yield part;
}

async function* drip(): AsyncGenerator<Buffer, never> {
  for (;;) {
    yield Buffer.from(' ');
    await pause(20);
  }
}
