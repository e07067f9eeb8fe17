import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SERIES_FAMILY } from '../../../src/metrics/catalogue/exporter.ts';
import { FAMILIES } from '../../../src/metrics/catalogue.ts';
import { PageEncoder } from '../../../src/metrics/encode/page-encoder.ts';
import type { Family } from '../../../src/metrics/family.ts';
import type { PageFormat } from '../../../src/reader/types.ts';
import type { Snapshot } from '../../../src/snapshot/snapshot.ts';
import { parseExposition } from '../../support/exposition-parser.ts';
import { bareSnapshot, richSnapshot } from '../../support/rich-snapshot.ts';
import { checkMetrics, readOpenMetrics } from '../../support/promtool.ts';
import { galaxySnapshot } from '../bench/galaxy-snapshot.ts';
import { drawChecked } from '../checking-sink.ts';
import { familyOf } from './family-of.ts';

const SERIES_HELP = "Samples in this answer, this one and the exporter's own included.";
const NONE = { ownFamilies: new Uint8Array(), ownSeries: 0 };

const SMALL: readonly Family[] = [
  familyOf(
    {
      name: 'tt_used_bytes',
      unit: 'bytes',
      help: 'Used, "requested" only \\ per\nchip.',
      labels: ['device', 'pid', 'type'],
    },
    [
      [0, '0', '1', 'l1'],
      [1500, '0', '1', 'dram'],
      [2 ** 53 - 1, '0', '12', 'dram'],
      [7, '10', '12', 'dram'],
    ],
  ),
  familyOf({ name: 'tt_empty', help: 'Nobody sees this.', labels: [] }, []),
  familyOf({ name: 'tt_frees_total', type: 'counter', help: 'Frees.', labels: [] }, [[12345678]]),
  familyOf({ name: 'tt_freed_bytes_total', type: 'counter', unit: 'bytes', help: 'Freed.', labels: ['device'] }, [
    [1e21, '0'],
    [100000000, '1'],
  ]),
  familyOf({ name: 'tt_info', help: 'Who.', labels: ['a', 'b', 'c', 'd', 'e'] }, [
    [1, 'é', '', '"\\\n', '\ud800', '\u{1f600}'],
  ]),
  familyOf({ name: 'tt_celsius', unit: 'celsius', help: 'Heat.', labels: ['a', 'b', 'c', 'd'] }, [
    [-40.5, 'x', 'y', 'z', '1'],
    [0.1, 'x', 'y', 'z', '2'],
    [1e-7, 'x', 'y', 'Z', '2'],
    [NaN, 'x', 'Y', 'Z', '2'],
    [Infinity, 'X', 'Y', 'Z', '2'],
    [-Infinity, 'X', 'Y', 'Z', '3'],
  ]),
];

const SMALL_TEXT = `# HELP tt_used_bytes Used, "requested" only \\\\ per\\nchip.
# TYPE tt_used_bytes gauge
tt_used_bytes{device="0",pid="1",type="l1"} 0
tt_used_bytes{device="0",pid="1",type="dram"} 1500
tt_used_bytes{device="0",pid="12",type="dram"} 9007199254740991
tt_used_bytes{device="10",pid="12",type="dram"} 7
# HELP tt_frees_total Frees.
# TYPE tt_frees_total counter
tt_frees_total 12345678
# HELP tt_freed_bytes_total Freed.
# TYPE tt_freed_bytes_total counter
tt_freed_bytes_total{device="0"} 1e+21
tt_freed_bytes_total{device="1"} 100000000
# HELP tt_info Who.
# TYPE tt_info gauge
tt_info{a="é",b="",c="\\"\\\\\\n",d="\ufffd",e="\u{1f600}"} 1
# HELP tt_celsius Heat.
# TYPE tt_celsius gauge
tt_celsius{a="x",b="y",c="z",d="1"} -40.5
tt_celsius{a="x",b="y",c="z",d="2"} 0.1
tt_celsius{a="x",b="y",c="Z",d="2"} 1e-7
tt_celsius{a="x",b="Y",c="Z",d="2"} NaN
tt_celsius{a="X",b="Y",c="Z",d="2"} +Inf
tt_celsius{a="X",b="Y",c="Z",d="3"} -Inf
# HELP tt_exporter_series ${SERIES_HELP}
# TYPE tt_exporter_series gauge
tt_exporter_series 15
`;

const SMALL_OPENMETRICS = `# HELP tt_used_bytes Used, \\"requested\\" only \\\\ per\\nchip.
# TYPE tt_used_bytes gauge
# UNIT tt_used_bytes bytes
tt_used_bytes{device="0",pid="1",type="l1"} 0
tt_used_bytes{device="0",pid="1",type="dram"} 1500
tt_used_bytes{device="0",pid="12",type="dram"} 9007199254740991
tt_used_bytes{device="10",pid="12",type="dram"} 7
# HELP tt_frees Frees.
# TYPE tt_frees counter
tt_frees_total 12345678
# HELP tt_freed_bytes Freed.
# TYPE tt_freed_bytes counter
# UNIT tt_freed_bytes bytes
tt_freed_bytes_total{device="0"} 1e+21
tt_freed_bytes_total{device="1"} 100000000
# HELP tt_info Who.
# TYPE tt_info gauge
tt_info{a="é",b="",c="\\"\\\\\\n",d="\ufffd",e="\u{1f600}"} 1
# HELP tt_celsius Heat.
# TYPE tt_celsius gauge
# UNIT tt_celsius celsius
tt_celsius{a="x",b="y",c="z",d="1"} -40.5
tt_celsius{a="x",b="y",c="z",d="2"} 0.1
tt_celsius{a="x",b="y",c="Z",d="2"} 1e-7
tt_celsius{a="x",b="Y",c="Z",d="2"} NaN
tt_celsius{a="X",b="Y",c="Z",d="2"} +Inf
tt_celsius{a="X",b="Y",c="Z",d="3"} -Inf
# HELP tt_exporter_series ${SERIES_HELP}
# TYPE tt_exporter_series gauge
tt_exporter_series 17
# HELP own Own.
# TYPE own gauge
own 1
own{a="b"} 2
# EOF
`;

function encode(encoder: PageEncoder, snapshot: Snapshot, format: PageFormat, families?: readonly Family[]): string {
  return Buffer.from(encoder.encode(snapshot, { format, families, ...NONE }).body).toString();
}

describe('the page encoder', () => {
  it('draws the text format byte for byte', () => {
    const page = new PageEncoder().encode(bareSnapshot(), { format: 'text', families: SMALL, ...NONE });
    assert.deepEqual(
      { body: Buffer.from(page.body).toString(), series: page.series },
      { body: SMALL_TEXT, series: 15 },
    );
  });

  it("draws OpenMetrics byte for byte, the exporter's own families before the end", () => {
    const ownFamilies = Buffer.from('# HELP own Own.\n# TYPE own gauge\nown 1\nown{a="b"} 2\n');
    const options = { format: 'openmetrics', families: SMALL, ownFamilies, ownSeries: 2 } as const;
    const page = new PageEncoder().encode(bareSnapshot(), options);
    assert.deepEqual(
      { body: Buffer.from(page.body).toString(), series: page.series },
      { body: SMALL_OPENMETRICS, series: 17 },
    );
  });

  it('draws the same page again, whatever it drew in between', () => {
    const encoder = new PageEncoder();
    const first = encode(encoder, richSnapshot(), 'text');
    encode(encoder, richSnapshot(), 'openmetrics');
    encode(encoder, bareSnapshot(), 'text');
    assert.equal(encode(encoder, richSnapshot(), 'text'), first);
  });

  it('draws a whole page after a family that threw in the middle of one', () => {
    const encoder = new PageEncoder();
    const broken: Family = {
      ...SERIES_FAMILY,
      draw(_, sink) {
        sink.sample(1);
        throw new Error('broken');
      },
    };
    assert.throws(() => encode(encoder, bareSnapshot(), 'text', [broken]), /broken/);
    assert.equal(encode(encoder, bareSnapshot(), 'text', SMALL), SMALL_TEXT);
  });

  for (const format of ['text', 'openmetrics'] as const) {
    it(`puts every sample of the catalogue on the ${format} page as it was drawn`, () => {
      const { body, series } = new PageEncoder().encode(richSnapshot(), { format, ...NONE });
      const families = parseExposition(body, format);
      assert.deepEqual(families, [...FAMILIES.map((family) => expected(family, format)), seriesOf(series)]);
      assert.equal(
        families.reduce((sum, { samples }) => sum + samples.length, 0),
        series,
      );
    });
  }

  it('makes a page that promtool has nothing to say about', async () => {
    const { body } = new PageEncoder().encode(richSnapshot(), { format: 'text', ...NONE });
    assert.deepEqual(await checkMetrics(body), { exitCode: 0, output: '' });
  });

  it("makes a page that Prometheus's own OpenMetrics parser takes", async () => {
    const { body } = new PageEncoder().encode(richSnapshot(), { format: 'openmetrics', ...NONE });
    const { exitCode, output } = await readOpenMetrics(body);
    assert.equal(exitCode, 0, output);
  });

  it('comes with what in it is there a second time, for who compresses it', () => {
    for (const format of ['text', 'openmetrics'] as const) {
      const encoder = new PageEncoder();
      const { body, copies } = encoder.encode(galaxySnapshot(64, 1), { format, ...NONE });
      let end = 0;
      let copied = 0;
      for (let index = 0; index < copies.length; index += 3) {
        const [position = 0, origin = 0, length = 0] = copies.subarray(index, index + 3);
        assert.ok(position >= end && origin < position);
        end = position + length;
        copied += length;
        assert.ok(Buffer.compare(body.subarray(position, end), body.subarray(origin, origin + length)) === 0);
      }
      assert.ok(end <= body.length && copied > body.length / 2);
    }
    assert.equal(new PageEncoder().encode(bareSnapshot({}), { format: 'text', ...NONE }).copies.length, 0);
  });
});

function expected(family: Family, format: PageFormat): unknown {
  const isOpenMetrics = format === 'openmetrics';
  return {
    name: isOpenMetrics && family.type === 'counter' ? family.name.replace(/_total$/, '') : family.name,
    type: family.type,
    help: family.help,
    unit: isOpenMetrics ? family.unit : undefined,
    samples: drawChecked(family, richSnapshot()).map(({ labels, value }) => ({ name: family.name, labels, value })),
  };
}

function seriesOf(value: number): unknown {
  const { name, type, help } = SERIES_FAMILY;
  return { name, type, help, unit: undefined, samples: [{ name, labels: {}, value }] };
}
