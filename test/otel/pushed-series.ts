import { FAMILIES_WITH_USER } from '../../src/metrics/catalogue.ts';
import type { OtelMetric } from '../../src/otel/otel-metric.ts';
import { attributeName, OTEL_METRICS } from '../../src/otel/otel-names.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import type { ReceivedMetric, ReceivedPoint } from './received-metrics.ts';

/** How long something took, what could not be read in time and the exporter's own are never the same twice. */
const OTHERWISE =
  /^(process_|nodejs_|tt_exporter_(build_info|scrape|config_|otlp_|series|collector_duration|read_errors))/;

/** What was pushed, as the series of the catalogue: `name{label="value",…}` to value, in order. */
export function pushedSeries(metrics: ReadonlyMap<string, ReceivedMetric>): [string, number][] {
  const series: [string, number][] = [];
  for (const metric of OTEL_METRICS) {
    if (metric.status === true || OTHERWISE.test(metric.family)) continue;
    for (const { attributes, value } of metrics.get(metric.name)?.points ?? []) {
      series.push([seriesName(metric.family, labelsOf(metric, attributes)), value]);
    }
  }
  return sorted(series);
}

/** The same of a page in Prometheus's text format. */
export function pageSeries(page: string): [string, number][] {
  const series = parseExposition(Buffer.from(page), 'text').flatMap(({ samples }) =>
    samples
      .filter(({ name }) => !OTHERWISE.test(name))
      .map(({ name, labels, value }): [string, number] => [seriesName(name, labels), value]),
  );
  return sorted(series);
}

/** The way back from attributes to labels, which is written down here a second time on purpose. */
function labelsOf(metric: OtelMetric, attributes: ReceivedPoint['attributes']): Record<string, string> {
  const labels = FAMILIES_WITH_USER.find(({ name }) => name === metric.family)?.labels ?? [];
  return Object.fromEntries(
    labels.map((label) => [
      label,
      label === 'pid' ? pidOf(attributes) : String(attributes[attributeName(metric, label)] ?? ''),
    ]),
  );
}

function pidOf(attributes: ReceivedPoint['attributes']): string {
  const { 'process.pid': pid, 'process.vpid': inner, 'tenstorrent.process.sum': sum } = attributes;
  if (pid !== undefined) return String(pid);
  return inner === undefined ? String(sum ?? '') : `?${String(inner)}`;
}

/** A label without a value is one that is not there. */
function seriesName(name: string, labels: Readonly<Record<string, string>>): string {
  const present = Object.entries(labels).filter(([, value]) => value !== '');
  return `${name}${JSON.stringify(Object.fromEntries(present.sort(([one], [other]) => (one < other ? -1 : 1))))}`;
}

function sorted(series: [string, number][]): [string, number][] {
  return series.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
}
