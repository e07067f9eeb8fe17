import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { PageGzip } from '../../../src/gzip/page-gzip.ts';
import { PageEncoder } from '../../../src/metrics/encode/page-encoder.ts';
import type { EncodedPage } from '../../../src/metrics/encode/page-encoder.ts';
import { byDevice } from '../../../src/metrics/catalogue/drawing.ts';
import type { DevicePart, Family } from '../../../src/metrics/family.ts';
import type { PageFormat } from '../../../src/reader/types.ts';
import type { Snapshot } from '../../../src/snapshot/snapshot.ts';
import { bareDevice, bareSnapshot } from '../../support/rich-snapshot.ts';
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

/** Draws each device from an array of its own. */
function drawnByDevice(devices: () => readonly (readonly Sample[])[]): { family: Family; snapshot: () => Snapshot } {
  const sourceOf = new Map<string, readonly Sample[]>();
  const part: DevicePart = {
    source: ({ label }) => sourceOf.get(label),
    draw({ label }, sink) {
      for (const [value, , pid, type] of sourceOf.get(label) ?? []) sink.sample(value, label, pid, type);
    },
  };
  const snapshot = (): Snapshot => {
    sourceOf.clear();
    devices().forEach((samples, at) => sourceOf.set(String(at), samples));
    return bareSnapshot({ devices: [...sourceOf.keys()].map((label) => bareDevice(label)) });
  };
  return { family: { ...family([]), ...byDevice(part) }, snapshot };
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

  it('are not even drawn where a device is made of the same object as before', () => {
    const encoder = new PageEncoder();
    let devices = Array.from({ length: 8 }, (_, at) => memory(1, at === 3 ? 7 : 64));
    const { family: drawn, snapshot } = drawnByDevice(() => devices);
    let draws = 0;
    const { byDevice: part } = drawn;
    assert.ok(part);
    const counted: Family = {
      ...drawn,
      byDevice: {
        source: (device) => part.source(device),
        draw(device, sink) {
          draws++;
          part.draw(device, sink);
        },
      },
    };
    const drawsOf = (change: () => void): number => {
      change();
      draws = 0;
      const page = encoder.encode(snapshot(), drawings({ format: 'text', families: [counted] }));
      const plain: Family = {
        ...family([]),
        draw(of, sink) {
          drawn.draw(of, sink);
        },
      };
      const { body } = new PageEncoder().encode(snapshot(), drawings({ format: 'text', families: [plain] }));
      assert.ok(Buffer.from(page.body).equals(body));
      return draws;
    };
    const nothing = (): void => undefined;
    const copied = (): void => void (devices = devices.map((samples, at) => (at === 5 ? [...samples] : samples)));
    const shorter = (): void => void (devices = devices.map((samples, at) => (at === 2 ? samples.slice(5) : samples)));
    const gone = (): void => void (devices = devices.slice(0, 7));
    assert.deepEqual(
      [nothing, nothing, copied, nothing, shorter, nothing, gone, nothing].map(drawsOf),
      // Once more when it is met unchanged, to be kept.
      [8, 8, 1, 1, 1, 1, 0, 0],
    );
  });

  it('show every change of a device that is drawn from an object of its own', () => {
    // Beginnings of one another, with a number changed here and there: what is the same may stand elsewhere.
    const variant = fc.record({
      length: fc.constantFrom(0, 1, 5, 10, 130, 1100),
      changedAt: fc.constantFrom(0, 7, 1e4),
    });
    const pools = fc.array(fc.array(variant, { minLength: 2, maxLength: 3 }), { minLength: 1, maxLength: 5 });
    const pages = fc.array(fc.array(fc.nat({ max: 3 }), { minLength: 5, maxLength: 5 }), {
      minLength: 3,
      maxLength: 12,
    });
    const samples = memory(1, 220);
    fc.assert(
      fc.property(pools, pages, (variants, choices) => {
        const pool = variants.map((ofDevice) =>
          ofDevice.map(({ length, changedAt }) =>
            samples.slice(0, length).map(([v, ...rest], at): Sample => [at === changedAt ? -v : v, ...rest]),
          ),
        );
        let devices: (readonly Sample[])[] = [];
        const { family: drawn, snapshot } = drawnByDevice(() => devices);
        const encoder = new PageEncoder();
        for (const choice of choices) {
          devices = pool.flatMap((ofDevice, at) => {
            const chosen = ofDevice[choice[at] ?? 0];
            return chosen === undefined ? [] : [chosen];
          });
          const page = encoder.encode(snapshot(), drawings({ format: 'text', families: [drawn] }));
          const plain = devices.flatMap((of, at) => of.map(([v, , p, t]): Sample => [v, String(at), p, t]));
          assert.equal(Buffer.from(page.body).toString(), drawAnew('text', [family(plain)]));
        }
      }),
      { numRuns: 400 },
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
