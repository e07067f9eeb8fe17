import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PageEncoder } from '../../../src/metrics/encode/page-encoder.ts';
import { bareSnapshot } from '../../support/rich-snapshot.ts';
import { parseExposition } from '../../support/exposition-parser.ts';
import { familyOf } from './family-of.ts';

/** Any UTF-16 at all, lone surrogates too, with more of the characters that mean something on a page. */
const codeUnit = fc.oneof(
  fc.integer({ min: 0, max: 0xffff }),
  fc.constantFrom(...Array.from('\\"\n\r\0{}=,# \u2028', (character) => character.charCodeAt(0))),
);
const anyText = fc.oneof(
  fc.array(codeUnit, { maxLength: 12 }).map((units) => String.fromCharCode(...units)),
  fc.string({ maxLength: 40 }),
  fc.constantFrom('0', '1', 'l1', 'dram', ''),
);
const anyNumber = fc.oneof(
  fc.double(),
  fc.maxSafeNat(),
  fc.integer(),
  fc.constantFrom(...[0, 9, 10, 99, 100, 999, 1000, 9999, 1e4, 1e8 - 1, 1e8, 1e12, 1e16, 2 ** 53, 2 ** 64, 1e21]),
);
const anyFamily = fc.integer({ min: 0, max: 6 }).chain((labels) =>
  fc.record({
    labels: fc.constant(labels),
    isCounter: fc.boolean(),
    help: anyText,
    samples: fc.array(fc.tuple(anyNumber, fc.tuple(...Array.from({ length: labels }, () => anyText))), {
      maxLength: 20,
    }),
  }),
);

const encoder = new PageEncoder();

describe('any page', () => {
  for (const format of ['text', 'openmetrics'] as const) {
    it(`reads back as what was drawn, in ${format}`, () => {
      fc.assert(
        fc.property(fc.array(anyFamily, { maxLength: 4 }), (descriptions) => {
          const families = descriptions.map(({ labels, isCounter, help, samples }, at) => {
            const names = Array.from({ length: labels }, (_, index) => `label_${index}`);
            const name = `tt_${at}${isCounter ? '_total' : ''}`;
            return {
              family: familyOf(
                { name, type: isCounter ? 'counter' : 'gauge', help, labels: names },
                unique(samples).map(([value, texts]) => [value, ...texts] as const),
              ),
              read: {
                name: format === 'openmetrics' && isCounter ? `tt_${at}` : name,
                type: isCounter ? 'counter' : 'gauge',
                help: wellFormed(help),
                unit: undefined,
                samples: unique(samples).map(([value, texts]) => ({
                  name,
                  labels: Object.fromEntries(names.map((label, index) => [label, wellFormed(texts[index] ?? '')])),
                  // 0 has one spelling.
                  value: value === 0 ? 0 : value,
                })),
              },
            };
          });
          const page = encoder.encode(bareSnapshot(), {
            format,
            families: families.map(({ family }) => family),
            ownFamilies: new Uint8Array(),
            ownSeries: 0,
          });
          const parsed = parseExposition(page.body, format).slice(0, -1);
          assert.deepEqual(
            parsed,
            families.map(({ read }) => read).filter(({ samples }) => samples.length > 0),
          );
        }),
        { numRuns: 2000 },
      );
    });
  }
});

/** Label sets that are still different once lone surrogates are replaced. */
function unique(samples: readonly (readonly [number, readonly string[]])[]): (readonly [number, readonly string[]])[] {
  const seen = new Map(samples.map((sample) => [JSON.stringify(sample[1].map(wellFormed)), sample]));
  return [...seen.values()];
}

function wellFormed(text: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text));
}
