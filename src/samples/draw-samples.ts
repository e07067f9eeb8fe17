import type { Family, SampleSink } from '../metrics/family.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { FamilySamples, SampleTable } from './sample-table.ts';

/** When this process began to count, in seconds since the epoch. */
const STARTED_AT_SECONDS = performance.timeOrigin / 1000;

/** The samples of a snapshot; families without any are left out. */
export function drawSamples(
  snapshot: Snapshot,
  families: readonly Family[],
  startedAtSeconds = STARTED_AT_SECONDS,
): SampleTable {
  const columns = new Columns();
  const drawn: FamilySamples[] = [];
  for (const family of families) {
    const samples = columns.draw(family, snapshot);
    if (samples !== undefined) drawn.push(samples);
  }
  return { takenAtSeconds: snapshot.takenAtSeconds, startedAtSeconds, texts: columns.texts, families: drawn };
}

const FIRST_SIZE = 1024;

/** Takes the samples of one family after the other. Its arrays grow with the largest one, and each family gets a copy. */
class Columns implements SampleSink {
  readonly texts: string[] = [];
  readonly #ids = new Map<string, number>();
  #values = new Float64Array(FIRST_SIZE);
  #textIds = new Uint32Array(FIRST_SIZE);
  #samples = 0;
  #used = 0;
  #labels = 0;

  draw(family: Family, snapshot: Snapshot): FamilySamples | undefined {
    this.#samples = 0;
    this.#used = 0;
    this.#labels = family.labels.length;
    family.draw(snapshot, this);
    if (this.#samples === 0) return undefined;
    return {
      name: family.name,
      labels: this.#labels,
      values: this.#values.slice(0, this.#samples),
      textIds: this.#textIds.slice(0, this.#used),
    };
  }

  sample(value: number, a = '', b = '', c = '', d = ''): void {
    this.#begin(value);
    const labels = this.#labels;
    if (labels > 0) this.#label(a);
    if (labels > 1) this.#label(b);
    if (labels > 2) this.#label(c);
    if (labels > 3) this.#label(d);
  }

  wide(value: number, labelValues: readonly string[]): void {
    this.#begin(value);
    for (let at = 0; at < this.#labels; at++) this.#label(labelValues[at] ?? '');
  }

  #begin(value: number): void {
    if (this.#samples === this.#values.length) {
      const wider = new Float64Array(this.#samples * 2);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.#samples++] = value;
    if (this.#used + this.#labels > this.#textIds.length) {
      const wider = new Uint32Array((this.#used + this.#labels) * 2);
      wider.set(this.#textIds);
      this.#textIds = wider;
    }
  }

  #label(text: string): void {
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.texts.length;
      this.texts.push(text);
      this.#ids.set(text, id);
    }
    this.#textIds[this.#used++] = id;
  }
}
