import type { OwnFamilies, PageFormat } from '../../reader/types.ts';
import { ByteWriter } from '../encode/byte-writer.ts';
import { formatNumber } from '../encode/decimal.ts';
import { headLines, openMetricsName } from '../encode/family-plan.ts';

/** A metric as prom-client's `getMetricsAsJSON()` gives it; its typings call `type` an enum, but it is a word. */
export interface RegistryMetric {
  readonly name: string;
  readonly help: string;
  readonly type: unknown;
  readonly values: readonly RegistryValue[];
}

export interface RegistryValue {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  /** Where it is not the family's own: `_bucket`, `_sum` and `_count`. */
  readonly metricName?: string | undefined;
}

/**
 * Draws prom-client's metrics in either format, and changes nothing in them: its own `metrics()` renames every counter
 * for good when asked for OpenMetrics. Metrics without values are left out whole; exemplars are not drawn. It keeps its
 * buffer from one drawing to the next.
 */
export class RegistryEncoder {
  readonly #writer = new ByteWriter();

  /** Whole families, without `# EOF`. */
  encode(metrics: readonly RegistryMetric[], format: PageFormat): OwnFamilies {
    const writer = this.#writer;
    writer.start();
    let samples = 0;
    for (const metric of metrics) {
      if (metric.values.length === 0) continue;
      writeMetric(writer, metric, format);
      samples += metric.values.length;
    }
    // A copy: they are sent while the next ones may be drawn.
    return { bytes: new Uint8Array(writer.finish()), samples };
  }
}

function writeMetric(writer: ByteWriter, metric: RegistryMetric, format: PageFormat): void {
  const family = { name: metric.name, type: typeName(metric.type, format), unit: undefined, help: metric.help };
  writer.text(headLines(family, format));
  const ownName =
    format === 'openmetrics' && family.type === 'counter' ? `${openMetricsName(family)}_total` : metric.name;
  for (const sample of metric.values) writeSample(writer, sample.metricName ?? ownName, sample, format);
}

function typeName(type: unknown, format: PageFormat): string {
  if (type === 'gauge' || type === 'counter' || type === 'histogram' || type === 'summary') return type;
  return format === 'openmetrics' ? 'unknown' : 'untyped';
}

function writeSample(writer: ByteWriter, name: string, sample: RegistryValue, format: PageFormat): void {
  writer.text(name);
  let before = '{';
  for (const [label, value] of Object.entries(sample.labels)) {
    if (value === undefined) continue;
    writer.text(`${before}${label}="`);
    writer.labelValue(labelText(label, value, format));
    before = '",';
  }
  writer.text(before === '{' ? ' ' : '"} ');
  writer.valueLine(sample.value);
}

/** OpenMetrics wants bounds and quantiles in one spelling, with a decimal point; the text format is used to `1`. */
function labelText(label: string, value: string | number, format: PageFormat): string {
  if (typeof value === 'string') return value;
  const bound = label === 'le' || label === 'quantile';
  return bound && format === 'openmetrics' && Number.isInteger(value) ? value.toFixed(1) : formatNumber(value);
}
