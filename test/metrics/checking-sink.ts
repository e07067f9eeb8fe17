import assert from 'node:assert/strict';
import type { Family, SampleSink } from '../../src/metrics/family.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';

export interface DrawnSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Draws a family into a list, and asserts what the encoder does not look at: finite values, whole and unique labels. */
export function drawChecked(family: Family, snapshot: Snapshot): DrawnSample[] {
  const sink = new CheckingSink(family);
  family.draw(snapshot, sink);
  return sink.samples;
}

class CheckingSink implements SampleSink {
  readonly samples: DrawnSample[] = [];
  readonly #family: Family;
  readonly #series = new Set<string>();

  constructor(family: Family) {
    this.#family = family;
  }

  sample(value: number, ...labelValues: string[]): void {
    assert.ok(labelValues.length <= 4, `${this.#family.name} has to call wide()`);
    this.wide(value, labelValues);
  }

  wide(value: number, labelValues: readonly string[]): void {
    const { name, labels, type } = this.#family;
    assert.ok(Number.isFinite(value), `${name} has the value ${value}`);
    if (type === 'counter') assert.ok(value >= 0, `${name} counts ${value}`);
    assert.equal(labelValues.length, labels.length, `${name} has another number of labels`);
    for (const text of labelValues) assert.equal(typeof text, 'string', `${name} has a label that is no text`);
    const key = JSON.stringify(labelValues);
    assert.ok(!this.#series.has(key), `${name} has ${key} twice`);
    this.#series.add(key);
    this.samples.push({ value, labels: Object.fromEntries(labels.map((label, at) => [label, labelValues[at] ?? ''])) });
  }
}
