import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { testRules } from '../support/promtool.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** The query in the README that begins like this. */
function query(start: string): string {
  const queries = Array.from(README.matchAll(/```promql\n([^`]*)```/g), ([, text = '']) => text.trim());
  const found = queries.find((text) => text.startsWith(start));
  assert.ok(found !== undefined, `the README has no query that begins with ${start}`);
  return found;
}

/** Prometheus gives these samples for a query over these series. */
async function gives(
  expression: string,
  series: readonly string[],
  samples: readonly { readonly labels: string; readonly value: number }[],
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'readme-queries-'));
  try {
    const path = join(folder, 'test.yml');
    const test = {
      interval: '1m',
      input_series: series.map((text) => {
        const [, name, value] = /^(.*) (\S+)$/.exec(text) ?? [];
        return { series: name, values: value };
      }),
      promql_expr_test: [{ expr: expression, eval_time: '0m', exp_samples: samples }],
    };
    // JSON is YAML.
    writeFileSync(path, JSON.stringify({ rule_files: [], evaluation_interval: '1m', tests: [test] }));
    const { exitCode, output } = await testRules(path);
    assert.equal(exitCode, 0, output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const SERIES = [
  'tt_process_open_devices{device="0",instance="a",pid="1"} 1',
  'tt_dram_allocated_bytes{device="0R",instance="a",pid="1",type="dram"} 5',
  'tt_process_open_devices{device="0",instance="a",pid="2"} 3',
  'tt_process_open_devices{device="1",instance="a",pid="3"} 1',
  'tt_l1_allocated_bytes{device="1",instance="a",pid="3",type="cb"} 0',
  'tt_process_open_devices{device="0",instance="a",pid="other"} 9',
  'tt_dram_allocated_bytes{device="0",instance="a",pid="4",type="dram"} 6',
  'tt_l1_allocated_bytes{device="0",instance="a",pid="4",type="l1"} 1',
  'tt_dram_allocated_bytes{device="0",instance="a",pid="5",type="dram"} 0',
  'tt_dram_allocated_bytes{device="0",instance="a",pid="?6",type="dram"} 7',
  'tt_dram_allocated_bytes{device="0",instance="b",pid="2",type="dram"} 8',
];

describe('the queries of the README find', () => {
  it('who holds a chip and reports nothing on that host', async () => {
    await gives(query('tt_process_open_devices'), SERIES, [
      { labels: 'tt_process_open_devices{device="0",instance="a",pid="2"}', value: 3 },
    ]);
  });

  it('who has memory and holds no chip of that host', async () => {
    await gives(query('sum by (instance, pid)'), SERIES, [
      { labels: '{instance="a",pid="4"}', value: 7 },
      { labels: '{instance="b",pid="2"}', value: 8 },
    ]);
  });
});
