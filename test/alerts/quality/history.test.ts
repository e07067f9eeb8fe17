import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FAMILIES } from '../../../src/metrics/catalogue.ts';
import { OWN_FAMILIES } from '../../../src/metrics/prom-client/own-families.ts';
import { ARCHETYPES } from './archetypes.ts';
import { historyOf } from './history.ts';
import { familyNames } from './scraped-host.ts';
import { createWorld } from './world.ts';

const PLAN = { archetypes: [...ARCHETYPES.keys()], chips: 2, days: 1, seed: 7, scrapeSeconds: 600 };
/** What a scrape adds, and Prometheus itself. */
const TARGET_LABELS = ['cluster', 'job', 'instance'];
const OF_SCRAPES = ['up', 'scrape_duration_seconds', 'scrape_timeout_seconds'];

describe('the history of a world', () => {
  it('has only families and labels of the catalogue', () => {
    const labelsOf = new Map([...FAMILIES, ...OWN_FAMILIES].map(({ name, labels }) => [name, labels]));
    labelsOf.set('tt_exporter_series', []);
    for (const name of OF_SCRAPES) labelsOf.set(name, []);
    const unknown = new Set<string>();
    const seen = new Set<string>();
    for (const series of historyOf(createWorld(PLAN), { families: new Set(familyNames()) })) {
      for (const { labels } of series) {
        const name = labels.find(([label]) => label === '__name__')?.[1] ?? '';
        seen.add(name);
        const allowed = ['__name__', ...TARGET_LABELS, ...(labelsOf.get(name) ?? [])];
        for (const [label] of labels)
          if (!labelsOf.has(name) || !allowed.includes(label)) unknown.add(`${name}{${label}}`);
      }
    }
    assert.deepEqual([...unknown], []);
    assert.ok(seen.size > 50, `${seen.size} families`);
  });

  it('is the same for the same seed, and another one for another', () => {
    const families = new Set(['tt_dram_allocated_bytes']);
    const plan = { ...PLAN, archetypes: ['notebook', 'fast leak'] };
    const of = (seed: number) => [...historyOf(createWorld({ ...plan, seed }), { families })];
    assert.deepEqual(of(1), of(1));
    assert.notDeepEqual(of(1), of(2));
  });

  it('ends a series where its process ends', () => {
    const families = new Set(['tt_process_start_time_seconds']);
    const plan = { ...PLAN, archetypes: ['CI churn'], scrapeSeconds: 60 };
    const series = [...historyOf(createWorld(plan), { families })].flat();
    const ended = series.filter(({ values }) => Number.isNaN(values.at(-1)));
    assert.ok(ended.length > 50, `${ended.length} ended`);
    for (const { values } of ended) assert.equal(values.findIndex(Number.isNaN), values.length - 1);
  });

  it('has, of a chip, no more bytes than it has room for', () => {
    const families = new Set(['tt_device_dram_allocated_bytes', 'tt_dram_capacity_bytes']);
    for (const series of historyOf(createWorld({ ...PLAN, scrapeSeconds: 120, days: 3 }), { families })) {
      const capacities = new Map(
        series.filter(isOf('tt_dram_capacity_bytes')).map((one) => [chipOf(one.labels), one.values[0] ?? 0]),
      );
      for (const { labels, values } of series.filter(isOf('tt_device_dram_allocated_bytes'))) {
        const most = Math.max(...values.filter((value) => !Number.isNaN(value)));
        assert.ok(most <= (capacities.get(chipOf(labels)) ?? Infinity), `${JSON.stringify(labels)} ${most}`);
      }
    }
  });
});

type Labels = readonly (readonly [string, string])[];

function isOf(name: string): (series: { readonly labels: Labels }) => boolean {
  return ({ labels }) => labels.some(([label, value]) => label === '__name__' && value === name);
}

function chipOf(labels: Labels): string {
  return labels
    .filter(([label]) => label === 'instance' || label === 'device')
    .map(([, value]) => value)
    .join(' ');
}
