import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as conventions from '@opentelemetry/semantic-conventions/incubating';
import { FAMILIES_WITH_USER } from '../../src/metrics/catalogue.ts';
import { attributeName, OTEL_METRICS } from '../../src/otel/otel-names.ts';
import type { OtelMetric } from '../../src/otel/otel-metric.ts';

/** Every name that the conventions' own package has, of metrics and attributes. */
const KNOWN: ReadonlySet<unknown> = new Set(Object.values(conventions));

function labelsOf({ family }: OtelMetric): readonly string[] {
  return FAMILIES_WITH_USER.find(({ name }) => name === family)?.labels ?? [];
}

describe("OpenTelemetry's names", () => {
  it('are there for every family of the catalogue, and for nothing else', () => {
    const families = new Set(OTEL_METRICS.map(({ family }) => family));
    assert.deepEqual([...families].sort(), FAMILIES_WITH_USER.map(({ name }) => name).sort());
  });

  it('are different ones, also where dots become underscores', () => {
    const names = OTEL_METRICS.map(({ name }) => name.replaceAll(/[^a-z0-9]/g, '_'));
    assert.deepEqual([...new Set(names)], names);
  });

  it('are the conventions’ own below hw., and those of metrics and attributes alike', () => {
    const below = (prefix: string, names: readonly string[]) => names.filter((name) => name.startsWith(prefix));
    const metrics = below(
      'hw.',
      OTEL_METRICS.map(({ name }) => name),
    );
    const attributes = OTEL_METRICS.flatMap((metric) => [
      ...labelsOf(metric).map((label) => attributeName(metric, label)),
      ...Object.keys(metric.fixed ?? {}),
    ]).filter((name) => !name.startsWith('tenstorrent.'));
    assert.deepEqual(
      [...metrics, ...attributes].filter((name) => !KNOWN.has(name)),
      [],
    );
    assert.equal(metrics.length, 10);
  });

  it('have one name an attribute on each metric', () => {
    for (const metric of OTEL_METRICS) {
      const names = labelsOf(metric).map((label) => attributeName(metric, label));
      assert.deepEqual([...new Set(names)], names, metric.name);
    }
  });

  it('have units of UCUM', () => {
    const units = new Set(OTEL_METRICS.map(({ unit }) => unit.replace(/^\{[a-z]+\}/, '{}')));
    assert.deepEqual([...units].sort(), ['1', 'A', 'By', 'Cel', 'Hz', 'V', 'W', 'rpm', 's', '{}', '{}/s'].sort());
  });

  it('call counters what the catalogue calls counters', () => {
    for (const { family, kind } of OTEL_METRICS) {
      const { type } = FAMILIES_WITH_USER.find(({ name }) => name === family) ?? {};
      assert.equal(kind === 'counter', type === 'counter', family);
    }
  });
});
