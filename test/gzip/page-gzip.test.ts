import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { PageBlock, PlacedBlock } from '../../src/gzip/page-block.ts';
import { PageGzip } from '../../src/gzip/page-gzip.ts';
import { PageEncoder } from '../../src/metrics/encode/page-encoder.ts';
import { galaxySnapshot } from '../metrics/bench/galaxy-snapshot.ts';

const GOLDEN = new URL('../golden/', import.meta.url);
const NO_OWN = { ownFamilies: new Uint8Array(), ownSeries: 0 } as const;

interface Written {
  readonly page: Uint8Array;
  readonly copies: Int32Array;
}

/** Bytes of which some are copies of earlier ones, by the numbers: where from and how long, in shares of what there is. */
function written(parts: readonly (Uint8Array | readonly [number, number])[]): Written {
  const page: number[] = [];
  const copies: number[] = [];
  for (const part of parts) {
    if (part instanceof Uint8Array) page.push(...part);
    else if (page.length > 0) {
      const origin = part[0] % page.length;
      const at = page.length;
      // It may run into itself, as a repetition of its own beginning.
      for (let index = 0; index < part[1]; index++) page.push(page[origin + index] ?? 0);
      copies.push(at, origin, part[1]);
    }
  }
  return { page: Uint8Array.from(page), copies: Int32Array.from(copies) };
}

/** Each part a stretch with its copies, and then one of the blocks. */
function withBlocks(
  parts: readonly (readonly [Written, number])[],
  blocks: readonly PageBlock[],
): { content: Uint8Array; copies: Int32Array; placed: PlacedBlock[] } {
  const pieces: Uint8Array[] = [];
  const copies: number[] = [];
  const placed: PlacedBlock[] = [];
  let at = 0;
  for (const [stretch, which] of parts) {
    copies.push(...stretch.copies.map((value, index) => (index % 3 === 2 ? value : value + at)));
    at += stretch.page.length;
    const block = blocks[which % blocks.length];
    pieces.push(stretch.page);
    if (block === undefined) continue;
    placed.push({ position: at, block });
    pieces.push(block.bytes);
    at += block.bytes.length;
  }
  return { content: Buffer.concat(pieces), copies: Int32Array.from(copies), placed };
}

const bytes = fc.uint8Array({ maxLength: 300 });
const text = fc.string({ unit: fc.constantFrom('"', '}', ' ', '\n', '0', '1', 'pid=', 'ab'), maxLength: 300 });
const part = fc.oneof(
  bytes,
  text.map((line) => new TextEncoder().encode(line)),
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 700 })),
);
const page = fc.array(part, { maxLength: 12 }).map(written);

describe('the compressor of pages', () => {
  it('gives back whatever it took, page after page', () => {
    fc.assert(
      fc.property(fc.array(page, { minLength: 1, maxLength: 4 }), (pages) => {
        const gzip = new PageGzip();
        const compressed = pages.map((each) => new Uint8Array(gzip.compress(each.page, each.copies)));
        assert.deepEqual(
          compressed.map((each) => [...gunzipSync(each)]),
          pages.map((each) => [...each.page]),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('gives back pages of blocks that others had too, wherever they stand and whatever is between them', () => {
    fc.assert(
      fc.property(
        fc.array(page, { minLength: 1, maxLength: 5 }),
        fc.array(fc.array(fc.tuple(page, fc.nat()), { maxLength: 8 }), { minLength: 2, maxLength: 8 }),
        (pool, pages) => {
          const gzip = new PageGzip();
          const blocks = pool.map(({ page: content, copies }) => ({ bytes: content, copies }));
          for (const parts of pages) {
            const { content, copies, placed } = withBlocks(parts, blocks);
            assert.deepEqual([...gunzipSync(gzip.compress(content, copies, placed))], [...content]);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('looks at nothing before a block, so that it is the same wherever it stands', () => {
    const line = 'tt_l1_allocated_bytes{device="0",pid="1234",type="l1"} 1048576\n';
    // Values are looked up in lines, and every four bytes in what is longer.
    for (const content of [
      line,
      `# HELP ${'L1 by process: what a process is charged with, alive or not. '.repeat(3)}\n`,
    ]) {
      const bytes = Buffer.from(content);
      const block = { bytes, copies: new Int32Array(0) };
      const gzip = new PageGzip();
      for (const before of [bytes, Buffer.concat([bytes, bytes]), Buffer.from('# other\n'), Buffer.alloc(0)]) {
        const page = Buffer.concat([before, bytes, bytes]);
        const placed = [
          { position: before.length, block },
          { position: before.length + bytes.length, block },
        ];
        assert.equal(gunzipSync(gzip.compress(page, new Int32Array(0), placed)).toString(), page.toString());
      }
    }
  });

  it('gives back copies of every length, near and farther away than a match can reach', () => {
    const gzip = new PageGzip();
    for (const gap of [1, 2, 255, 256, 257, 258, 32_766, 32_767, 32_768, 32_769, 40_000]) {
      for (const length of [1, 2, 3, 4, 257, 258, 259, 260, 261, 262, 515, 516, 517, 518, 519, 5000]) {
        const noise = Uint8Array.from({ length: gap }, (_, at) => (at * 7919) >> (at & 7));
        const { page, copies } = written([noise, [0, length], new TextEncoder().encode('end')]);
        assert.deepEqual(Buffer.from(gunzipSync(gzip.compress(page, copies))), Buffer.from(page), `${gap} ${length}`);
      }
    }
  });

  it('gives back large pages that it has no code for yet, and bytes that cannot be compressed', () => {
    const gzip = new PageGzip();
    let state = 1;
    const noise = Uint8Array.from({ length: 300_000 }, () => (state = Math.imul(state, 1_103_515_245) + 12_345) >>> 24);
    const zeros = new Uint8Array(300_000);
    for (const content of [new Uint8Array(0), zeros, noise, zeros, noise]) {
      assert.deepEqual(Buffer.from(gunzipSync(gzip.compress(content))), Buffer.from(content));
    }
  });

  it('makes pages hardly larger than zlib does at its fastest', () => {
    const encoder = new PageEncoder();
    const gzip = new PageGzip();
    for (const seed of [1, 2, 3]) {
      const { body, copies } = encoder.encode(galaxySnapshot(64, seed), { format: 'text', ...NO_OWN });
      const compressed = gzip.compress(body, copies);
      assert.ok(gunzipSync(compressed).equals(body));
      const zlib = gzipSync(body, { level: 1 }).length;
      // All pids differ from chip to chip, which is the worst for it.
      assert.ok(compressed.length < 1.2 * zlib, `${compressed.length} bytes, zlib ${zlib}`);
    }
    for (const name of readdirSync(GOLDEN, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(txt|prom|om|openmetrics)$/.test(name)) continue;
      const golden = readFileSync(new URL(name, GOLDEN));
      const compressed = new PageGzip().compress(golden);
      assert.ok(gunzipSync(compressed).equals(golden), name);
      const zlib = gzipSync(golden, { level: 1 }).length;
      assert.ok(compressed.length < 1.15 * zlib, `${name}: ${compressed.length} bytes, zlib ${zlib}`);
    }
  });

  it("is understood by Python's decoder", () => {
    const encoder = new PageEncoder();
    const { body, copies } = encoder.encode(galaxySnapshot(8, 1), { format: 'openmetrics', ...NO_OWN });
    const script = 'import gzip, sys; sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))';
    const input = new PageGzip().compress(body, copies);
    assert.ok(execFileSync('python3', ['-c', script], { input, maxBuffer: 2 ** 26 }).equals(body));
  });
});
