import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PageError, readPage } from '../../src/host-view/page-samples.ts';

describe('reading a page of metrics', () => {
  it('takes samples of both formats, and passes over comments, timestamps and exemplars', () => {
    const page = [
      '# HELP a What it is.',
      '# TYPE a gauge',
      'a 1',
      'a{device="0",pid="?17"} 1.5e3 1790000000000',
      'b_total{ x = "y" , } +Inf # {trace_id="1"} 1',
      'b_total{x="a\\"b\\\\c\\nd"} NaN',
      '# EOF',
      '',
    ].join('\n');
    assert.deepEqual(
      [...readPage(page)],
      [
        [
          'a',
          [
            { labels: new Map(), value: 1 },
            {
              labels: new Map([
                ['device', '0'],
                ['pid', '?17'],
              ]),
              value: 1500,
            },
          ],
        ],
        [
          'b_total',
          [
            { labels: new Map([['x', 'y']]), value: Infinity },
            { labels: new Map([['x', 'a"b\\c\nd']]), value: NaN },
          ],
        ],
      ],
    );
  });

  it('names the line that is no sample', () => {
    for (const line of ['<html>', 'a', 'a{b="c" 1', 'a{b=c} 1', 'a{b="c\\"} 1', 'a{="c"} 1', 'a one', '{a="b"} 1']) {
      assert.throws(() => readPage(`ok 1\n${line}\n`), { name: 'PageError', message: /^line 2 is no sample/ }, line);
    }
  });

  it('gives back any label value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.double({ noNaN: true }), (text, value) => {
        const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
        const number = value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value);
        const page = readPage(`m{a="${escaped}",b="2"} ${number}\n`);
        assert.deepEqual(page.get('m'), [
          {
            labels: new Map([
              ['a', text],
              ['b', '2'],
            ]),
            value: number === '0' ? 0 : value,
          },
        ]);
      }),
    );
  });

  it('is done with any bytes soon, and throws nothing but its own error', () => {
    const rubbish = fc.string({ unit: fc.constantFrom('a', '{', '}', '"', '\\', '=', ',', ' ', '\n', '1', '#', 'é') });
    fc.assert(
      fc.property(rubbish, (text) => {
        try {
          readPage(text);
        } catch (error) {
          assert.ok(error instanceof PageError);
        }
      }),
      { numRuns: 2000 },
    );
    const before = performance.now();
    assert.throws(() => readPage(`m{a="${'\\'.repeat(1e6)}`), PageError);
    assert.throws(() => readPage(`m{a="${'\\\\'.repeat(5e5)}${'\\"'.repeat(1e3)}`), PageError);
    assert.ok(performance.now() - before < 5000);
  });
});
