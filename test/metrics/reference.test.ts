import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { LABEL_TEXTS } from '../../src/metrics/reference/label-values.ts';
import { MIGRATIONS } from '../../src/metrics/reference/migration.ts';
import { DESCRIPTIONS, labelText, metricsReference } from '../../src/metrics/reference.ts';

describe('METRICS.md', () => {
  it('is what the catalogue makes it: run npm run docs after a change', async () => {
    assert.equal(await readFile(new URL('../../METRICS.md', import.meta.url), 'utf8'), metricsReference());
  });

  it('has a row for each family', () => {
    const rows = Array.from(
      metricsReference().matchAll(/^\| `(tt_\w+)` \| (?:gauge|counter|histogram) \|/gm),
      ([, name]) => name,
    );
    assert.deepEqual(rows.toSorted(), DESCRIPTIONS.map(({ name }) => name).toSorted());
  });

  it('says of every label of every family what its values are, and nothing of others', () => {
    const used = DESCRIPTIONS.flatMap(({ name, labels }) =>
      labels.map((label) => {
        const text = labelText(name, label);
        assert.ok(text !== undefined, `${name} ${label}`);
        return text;
      }),
    );
    assert.deepEqual(new Set(used), new Set(LABEL_TEXTS));
  });

  it('names families and labels that there are where it names ours for those of other tools', () => {
    for (const { tool, rows } of MIGRATIONS) {
      for (const [theirs, ours, change] of rows) {
        if (ours === '') {
          assert.ok(change !== '', `${tool} ${theirs}`);
          continue;
        }
        const [, name, selector] = /^(\w+)(?:\{(.*)\})?$/.exec(ours) ?? [];
        const family = DESCRIPTIONS.find((candidate) => candidate.name === name);
        assert.ok(family !== undefined, ours);
        const labels = selector?.split(', ').map((part) => part.replace(/=.*/, '')) ?? [];
        assert.deepEqual(
          labels.filter((label) => !family.labels.includes(label)),
          [],
          ours,
        );
      }
    }
  });
});
