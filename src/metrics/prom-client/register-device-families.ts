import type { Metric, Registry } from 'prom-client';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { FAMILIES } from '../catalogue.ts';
import { COLLECTOR_NAMES } from '../catalogue/exporter.ts';
import type { Family, SampleSink } from '../family.ts';
import type { RegistryMetric, RegistryValue } from './encode-registry.ts';

/** The one family that has samples when there is no snapshot. */
const SUCCESS_FAMILY = 'tt_exporter_collector_success';

/**
 * Puts every device family into somebody else's prom-client registry, so that their page has them; tt_exporter_series
 * and the exporter's own are not among them. Nothing is kept between scrapes: each asks for a snapshot, once for all
 * families and all scrapes that run at the same time.
 *
 * If `collect` rejects, the rest of the page must not go down with it (prom-client fails a page as a whole), nor must it
 * go unseen: that page has no device families but tt_exporter_collector_success, 0 for every collector, and `onError`
 * is told why.
 *
 * Throws where the registry has a family of one of the names already.
 */
export function registerDeviceFamilies(
  registry: Registry,
  collect: () => Promise<Snapshot>,
  onError?: (error: unknown) => void,
  families: readonly Family[] = FAMILIES,
): void {
  const snapshot = shared(collect, onError);
  for (const family of families) {
    const metric = new FamilyMetric(family, snapshot);
    // prom-client asks for no more of a metric than a name, get() and reset(), but its typings want one of its classes.
    registry.registerMetric(metric as unknown as Metric);
  }
}

/** One collection for all who ask while it runs; `undefined` where it failed. */
function shared(
  collect: () => Promise<Snapshot>,
  onError: ((error: unknown) => void) | undefined,
): () => Promise<Snapshot | undefined> {
  let running: Promise<Snapshot | undefined> | undefined;
  const run = async (): Promise<Snapshot | undefined> => {
    try {
      return await collect();
    } catch (error) {
      onError?.(error);
      return undefined;
    }
  };
  return () => {
    running ??= run().finally(() => {
      running = undefined;
    });
    return running;
  };
}

/** A metric in the shape that prom-client's registry takes, with values made anew for each page. */
class FamilyMetric {
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
  readonly aggregator = 'first';
  readonly #family: Family;
  readonly #snapshot: () => Promise<Snapshot | undefined>;
  #renamed: string | undefined;

  constructor(family: Family, snapshot: () => Promise<Snapshot | undefined>) {
    this.help = family.help;
    this.type = family.type;
    this.labelNames = family.labels;
    this.#family = family;
    this.#snapshot = snapshot;
  }

  get name(): string {
    return this.#family.name;
  }

  /** prom-client does so to a counter just before it draws it as OpenMetrics: here it holds for that page alone. */
  set name(name: string) {
    this.#renamed = name;
  }

  async get(): Promise<RegistryMetric & { readonly aggregator: string }> {
    const { help, type, aggregator } = this;
    const name = this.#renamed ?? this.#family.name;
    this.#renamed = undefined;
    const snapshot = await this.#snapshot();
    return { name, help, type, aggregator, values: valuesOf(this.#family, snapshot) };
  }

  reset(): void {
    // Nothing is held that could be reset.
  }
}

function valuesOf(family: Family, snapshot: Snapshot | undefined): readonly RegistryValue[] {
  const sink = new ValueSink(family.labels);
  if (snapshot !== undefined) family.draw(snapshot, sink);
  else if (family.name === SUCCESS_FAMILY) for (const name of COLLECTOR_NAMES) sink.sample(0, name);
  return sink.values;
}

class ValueSink implements SampleSink {
  readonly values: RegistryValue[] = [];
  readonly #labels: readonly string[];

  constructor(labels: readonly string[]) {
    this.#labels = labels;
  }

  sample(value: number, ...labelValues: string[]): void {
    this.wide(value, labelValues);
  }

  wide(value: number, labelValues: readonly string[]): void {
    const labels: Record<string, string> = {};
    for (const [index, label] of this.#labels.entries()) labels[label] = labelValues[index] ?? '';
    this.values.push({ value, labels });
  }
}
