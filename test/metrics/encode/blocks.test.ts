import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { PageGzip } from '../../../src/gzip/page-gzip.ts';
import { PageEncoder } from '../../../src/metrics/encode/page-encoder.ts';
import type { EncodedPage } from '../../../src/metrics/encode/page-encoder.ts';
import type { Family } from '../../../src/metrics/family.ts';
import type { PageFormat } from '../../../src/reader/types.ts';
import { bareSnapshot } from '../../support/rich-snapshot.ts';
import { familyOf } from './family-of.ts';

type Sample = readonly [value: number, device: string, pid: string, type: string];

const TYPES = ['l1', 'l1_small', 'cb', 'kernel', 'dram'];

/** Memory of so many processes on each of so many devices. */
function memory(devices: number, processes: number): Sample[] {
  const samples: Sample[] = [];
  for (let device = 0; device < devices; device++) {
    for (let pid = 0; pid < processes; pid++) {
      TYPES.forEach((type, at) => samples.push([1000 * pid + at, String(device), String(70_000 + pid), type]));
    }
  }
  return samples;
}

function family(samples: readonly Sample[]): Family {
  const description = { name: 'tt_l1_allocated_bytes', help: 'L1.', labels: ['device', 'pid', 'type'] };
  return familyOf(description, samples);
}

/** The encoder knows a family by its object, so this one draws what there is by then. */
function living(samples: () => readonly Sample[]): Family {
  return {
    ...family([]),
    draw(_, sink) {
      for (const [value, device, pid, type] of samples()) sink.sample(value, device, pid, type);
    },
  };
}

const drawings = (options: { format: PageFormat; families: readonly Family[] }) => ({
  ...options,
  ownFamilies: Buffer.from('# own\n'),
  ownSeries: 1,
});

function drawAnew(format: PageFormat, families: readonly Family[]): string {
  return Buffer.from(new PageEncoder().encode(bareSnapshot(), drawings({ format, families })).body).toString();
}

function bytesInBlocks({ blocks }: EncodedPage): number {
  return blocks.reduce((sum, { block }) => sum + block.bytes.length, 0);
}

/** What can happen to a family's samples from one page to the next, at any place. */
const change = fc.oneof(
  fc.constant({ kind: 'none' } as const),
  fc.record({ kind: fc.constant('value' as const), at: fc.nat(), value: fc.maxSafeNat() }),
  fc.record({ kind: fc.constant('label' as const), at: fc.nat(), pid: fc.constantFrom('?1', '70000', 'other') }),
  fc.record({ kind: fc.constant('insert' as const), at: fc.nat(), count: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ kind: fc.constant('remove' as const), at: fc.nat(), count: fc.integer({ min: 1, max: 900 }) }),
);

function changed(samples: readonly Sample[], what: typeof change extends fc.Arbitrary<infer T> ? T : never): Sample[] {
  const next = [...samples];
  const at = 'at' in what ? what.at % (next.length + 1) : 0;
  const old = next[at];
  if (what.kind === 'remove') next.splice(at, what.count);
  if (what.kind === 'insert')
    next.splice(at, 0, ...memory(1, what.count).map(([v, , p, t]): Sample => [v, 'new', p, t]));
  if (what.kind === 'value' && old !== undefined) next[at] = [what.value, old[1], old[2], old[3]];
  if (what.kind === 'label' && old !== undefined) next[at] = [old[0], old[1], what.pid, old[3]];
  return next;
}

describe('blocks of a page', () => {
  it('are those of the page before where nothing has changed, whatever the format', () => {
    const encoder = new PageEncoder();
    const families = [family(memory(8, 64))];
    const pages = (['text', 'text', 'openmetrics', 'text'] as const).map((format) => {
      const page = encoder.encode(bareSnapshot(), drawings({ format, families }));
      assert.equal(Buffer.from(page.body).toString(), drawAnew(format, families));
      for (const { position, block } of page.blocks) {
        assert.ok(Buffer.from(block.bytes).equals(page.body.subarray(position, position + block.bytes.length)));
      }
      return { blocks: page.blocks.map(({ block }) => block), share: bytesInBlocks(page) / page.body.length };
    });
    assert.deepEqual(pages[0]?.blocks, []);
    assert.equal(pages[1]?.blocks.length, 8);
    assert.ok(pages[1].share > 0.95);
    for (const page of pages.slice(2)) {
      assert.ok(page.blocks.every((block, index) => block === pages[1]?.blocks[index]));
    }
  });

  it('go where a number in them changes, and only they', () => {
    const encoder = new PageEncoder();
    const samples = memory(8, 64);
    let drawn = samples;
    const families = [living(() => drawn)];
    const draw = (of: readonly Sample[]): EncodedPage => {
      drawn = [...of];
      return encoder.encode(bareSnapshot(), drawings({ format: 'text', families }));
    };
    draw(samples);
    draw(samples);
    const other = changed(samples, { kind: 'value', at: 3 * 5 * 64 + 7, value: 12_345 });
    assert.deepEqual(
      [draw(samples), draw(other), draw(other), draw(other)].map(({ blocks }) => blocks.length),
      [8, 7, 8, 8],
    );
  });

  it('never show in a page, whatever changes from one to the next', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.array(change, { maxLength: 3 }), fc.constantFrom('text', 'openmetrics' as const)), {
          minLength: 2,
          maxLength: 12,
        }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 90 }),
        (pages, devices, processes) => {
          const encoder = new PageEncoder();
          const gzip = new PageGzip();
          const few = family(memory(2, 3));
          let samples = memory(devices, processes);
          const families = [few, living(() => samples), few];
          for (const [changes, format] of pages) {
            for (const what of changes) samples = changed(samples, what);
            const page = encoder.encode(bareSnapshot(), drawings({ format, families }));
            const expected = drawAnew(format, [few, family(samples), few]);
            assert.equal(Buffer.from(page.body).toString(), expected);
            assert.equal(page.series, samples.length + 2 * 30 + 2);
            assert.equal(gunzipSync(gzip.compress(page.body, page.copies, page.blocks)).toString(), expected);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
