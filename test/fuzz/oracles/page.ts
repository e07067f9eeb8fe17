import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { PageGzip } from '../../../src/gzip/page-gzip.ts';
import { joinSnapshot } from '../../../src/join/snapshot.ts';
import type { JoinInputs } from '../../../src/join/inputs.ts';
import { FAMILIES } from '../../../src/metrics/catalogue.ts';
import { PageEncoder } from '../../../src/metrics/encode/page-encoder.ts';
import type { Family, SampleSink } from '../../../src/metrics/family.ts';
import type { Snapshot } from '../../../src/snapshot/snapshot.ts';
import { parseExposition } from '../../support/exposition-parser.ts';
import { joinInputs } from '../../support/join-inputs.ts';

/** Sizes that somebody is charged with: no sum of them can be what an underflow makes of a size. */
const OF_MEMORY = /^tt_(?:device_|workload_)?(?:dram|l1)_(?:allocated|orphaned|unattributed|capacity)_bytes$/;
const MOST_BYTES = Number.MAX_SAFE_INTEGER;
const NOTHING = new Uint8Array();
const SHOWN = new Set(['allocation_server', 'shared_memory', 'sysfs', 'procfs', 'kubernetes']);
/** Pages of which all is known to be well, by what is drawn on them. */
const checkedPages = new Map<string, string>();
const REMEMBERED = 200;
const encoder = new PageEncoder();
const compressor = new PageGzip();

/** Joins what was read, draws the page in both formats, and throws where it is not a good one. Gives its text. */
export function checkPage(inputs: Partial<JoinInputs>): string {
  const { snapshot } = joinSnapshot(
    joinInputs({
      takenAtSeconds: 1_790_000_100,
      shown: SHOWN,
      ...inputs,
    }),
  );
  const whole = { ...snapshot, collectors: [], readErrors: [] };
  const drawn = FAMILIES.flatMap((family) => drawnSamples(family, whole)).join('\n');
  // Most inputs are refused, or change nothing that is shown.
  const known = checkedPages.get(drawn);
  if (known !== undefined) return known;
  checkFormat(whole, 'openmetrics', drawn);
  const text = checkFormat(whole, 'text', drawn);
  if (checkedPages.size >= REMEMBERED) checkedPages.clear();
  checkedPages.set(drawn, text);
  return text;
}

/** The page is valid, says what the families draw and no more, and comes back from its compressed form. */
function checkFormat(snapshot: Snapshot, format: 'text' | 'openmetrics', drawn: string): string {
  const { body, copies, blocks } = encoder.encode(snapshot, { format, ownFamilies: NOTHING, ownSeries: 0 });
  const page = Buffer.from(body);
  const compressed = compressor.compress(body, copies, blocks);
  assert.ok(gunzipSync(compressed).equals(page), 'what is unpacked is not the page');
  const told = parseExposition(page, format)
    .flatMap(({ samples }) => samples)
    .filter(({ name }) => name !== 'tt_exporter_series');
  const lines = told.map(({ name, labels, value }) => JSON.stringify([name, Object.entries(labels), value]));
  // As texts: a deep comparison of so many takes longer than the page itself.
  if (lines.join('\n') !== drawn) assert.deepEqual(lines, drawn.split('\n'));
  return page.toString();
}

/** What a family draws, a line of JSON for each sample. */
function drawnSamples(family: Family, snapshot: Snapshot): string[] {
  const samples: string[] = [];
  const wide = (value: number, texts: readonly string[]): void => {
    assert.ok(Number.isFinite(value), `${family.name} is ${value}`);
    if (OF_MEMORY.test(family.name)) assert.ok(value >= 0 && value <= MOST_BYTES, `${family.name} is ${value}`);
    const labels = family.labels.map((label, index) => [label, (texts[index] ?? '').toWellFormed()] as const);
    samples.push(JSON.stringify([family.name, labels, value]));
  };
  const sink: SampleSink = {
    sample: (value, ...texts) => {
      wide(
        value,
        texts.map((text) => text ?? ''),
      );
    },
    wide,
  };
  family.draw(snapshot, sink);
  return samples;
}
