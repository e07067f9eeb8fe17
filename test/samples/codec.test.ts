import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FAMILIES_WITH_USER } from '../../src/metrics/catalogue.ts';
import { decodeSampleTable, encodeSampleTable, SampleTableError } from '../../src/samples/codec.ts';
import { drawSamples } from '../../src/samples/draw-samples.ts';
import type { SampleTable } from '../../src/samples/sample-table.ts';
import { galaxySnapshot } from '../metrics/bench/galaxy-snapshot.ts';
import { richSnapshot } from '../support/rich-snapshot.ts';

const TABLE = drawSamples(richSnapshot(), FAMILIES_WITH_USER, 1_789_999_000.5);

/** Samples as somebody would write them down. */
function written({ texts, families }: SampleTable): string[] {
  return families.flatMap(({ name, labels, values, textIds }) =>
    Array.from(values, (value, at) => {
      const own = Array.from(textIds.subarray(at * labels, (at + 1) * labels), (id) => texts[id] ?? 'none');
      return `${name} ${own.join('|')} ${value}`;
    }),
  );
}

function drawnDirectly(): string[] {
  const lines: string[] = [];
  for (const family of FAMILIES_WITH_USER) {
    const { name, labels } = family;
    const put = (value: number, own: readonly string[]) => lines.push(`${name} ${own.join('|')} ${value}`);
    family.draw(richSnapshot(), {
      sample: (value, ...own) =>
        put(
          value,
          labels.map((_, at) => own[at] ?? ''),
        ),
      wide: put,
    });
  }
  return lines;
}

function onlyItsOwnError(bytes: Uint8Array): void {
  try {
    decodeSampleTable(bytes);
  } catch (error) {
    assert.ok(error instanceof SampleTableError, String(error));
  }
}

describe('a table of samples', () => {
  it('has what the families draw', () => {
    assert.deepEqual(written(TABLE), drawnDirectly());
    assert.deepEqual([TABLE.takenAtSeconds, TABLE.startedAtSeconds], [1_790_000_000, 1_789_999_000.5]);
  });

  it('is the same after the way through bytes, wherever they lie', () => {
    const bytes = encodeSampleTable(TABLE);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    assert.deepEqual(decodeSampleTable(bytes), TABLE);
    assert.deepEqual(decodeSampleTable(shifted.subarray(3)), TABLE);
  });

  it('grows with the host', () => {
    const table = drawSamples(galaxySnapshot(200, 1), FAMILIES_WITH_USER);
    assert.deepEqual(written(decodeSampleTable(encodeSampleTable(table))), written(table));
    assert.ok(written(table).length > 40_000);
  });

  it('is refused where it is cut short', () => {
    const bytes = encodeSampleTable(TABLE);
    for (let length = 0; length < bytes.length; length += 7) {
      assert.throws(() => decodeSampleTable(bytes.subarray(0, length)), SampleTableError);
    }
  });

  it('is decoded or refused whatever the bytes are', () => {
    const bytes = encodeSampleTable(TABLE);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), onlyItsOwnError));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
        const broken = bytes.slice();
        broken[at] = byte;
        onlyItsOwnError(broken);
      }),
    );
  });
});
