import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseRanges } from '../../src/http/media-ranges.ts';
import { acceptsGzip, chooseFormat } from '../../src/http/negotiate.ts';

/** As Prometheus of these versions sends it. */
const PROMETHEUS = {
  '2.42':
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
  '2.53':
    'application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
  '2.53 with native histograms':
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
  '3.0':
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
};

describe('the format of the page', () => {
  it('is OpenMetrics for Prometheus', () => {
    for (const [version, accept] of Object.entries(PROMETHEUS))
      assert.equal(chooseFormat(accept), 'openmetrics', version);
  });

  it('is what the header likes best, and text in doubt', () => {
    const cases: readonly (readonly [string | undefined, 'text' | 'openmetrics'])[] = [
      [undefined, 'text'],
      ['', 'text'],
      ['*/*', 'text'],
      ['application/*', 'text'],
      ['text/html,application/xhtml+xml,*/*;q=0.8', 'text'],
      ['application/json', 'text'],
      ['application/openmetrics-text', 'openmetrics'],
      ['application/openmetrics-text; version=1.0.0; charset=utf-8', 'openmetrics'],
      ['Application/OpenMetrics-Text; Version="1.0.0"', 'openmetrics'],
      ['application/openmetrics-text;version=0.0.1', 'text'],
      ['application/openmetrics-text;version=2.0.0,text/plain;q=0.1', 'text'],
      ['application/openmetrics-text;q=0', 'text'],
      ['application/openmetrics-text;q=0,*/*', 'text'],
      ['application/openmetrics-text;q=0.5,text/plain;q=0.9', 'text'],
      ['application/openmetrics-text;q=0.9,text/plain;q=0.5', 'openmetrics'],
      ['application/openmetrics-text,text/plain', 'openmetrics'],
      ['text/plain,application/openmetrics-text', 'text'],
      ['*/*,text/plain;q=0.1,application/openmetrics-text;q=0.5', 'openmetrics'],
      ['text/*;q=0.9,application/openmetrics-text;q=0.5', 'text'],
      ['text/plain;version=1.0.0,application/openmetrics-text;q=0.2', 'openmetrics'],
      ['application/openmetrics-text;q=2', 'text'],
      ['application/openmetrics-text;q=abc', 'text'],
      [',;,;q=1,=,"', 'text'],
    ];
    for (const [accept, format] of cases) assert.equal(chooseFormat(accept), format, accept);
  });
});

describe('compression', () => {
  it('is gzip where the client takes it', () => {
    const cases: readonly (readonly [string | undefined, boolean])[] = [
      [undefined, false],
      ['', false],
      ['gzip', true],
      ['gzip, deflate, br', true],
      ['GZIP', true],
      ['x-gzip', true],
      ['*', true],
      ['br', false],
      ['identity', false],
      ['gzip;q=0', false],
      ['gzip;q=0.0, *', false],
      ['*;q=0', false],
      ['gzip;q=0.1', true],
      ['identity, gzip;q=0.5', false],
      ['identity;q=0.5, gzip', true],
      ['gzip;q=nonsense', false],
    ];
    for (const [header, gzip] of cases) assert.equal(acceptsGzip(header), gzip, header);
  });
});

describe('the elements of a header', () => {
  it('are split outside of quotes', () => {
    assert.deepEqual(parseRanges('a/b; x="1,2;\\"3" ;q=0.5 , C'), [
      { value: 'a/b', parameters: new Map([['x', '1,2;"3']]), quality: 0.5 },
      { value: 'c', parameters: new Map(), quality: 1 },
    ]);
  });

  it('never throw, whatever the header is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a/*;,="\\ q01.'.split('')) }), (header) => {
        assert.ok(['text', 'openmetrics'].includes(chooseFormat(header)));
        assert.equal(typeof acceptsGzip(header), 'boolean');
      }),
    );
  });
});
