import { attributeName, LABEL_ATTRIBUTES, OTEL_METRICS } from '../../otel/otel-names.ts';
import type { OtelMetric } from '../../otel/otel-metric.ts';
import { FAMILIES_WITH_USER } from '../catalogue.ts';

export const OTEL_INTRO = `What is pushed by OTLP, and the page of \`--otel.prometheus-path\`, have these names: those of the semantic conventions for hardware where there are any (they are still in development), own ones below \`tenstorrent.\` else. The numbers are the same. Everything is cumulative, but for counters that are pushed as deltas; a start time of 0 is one that nobody knows. The exporter's own process, \`process_*\` and \`nodejs_*\` are not among them.

- \`device\` is \`tenstorrent.device\` on every metric; \`hw.*\` have \`hw.id\` and \`hw.type\` beside it, sensors \`hw.parent\`, and chips \`hw.vendor\`, \`hw.model\`, \`hw.serial_number\`, \`hw.firmware_version\` (of the bundle) and \`hw.driver_version\` where they are known.
- \`pid\` is \`process.pid\`, a number, where it is the host's, with \`container.id\` and \`k8s.pod.uid\` where the process has them; \`process.vpid\` for \`?<pid>\`; \`tenstorrent.process.sum\` for \`other\`.
- \`hw.status\` tells the state in the conventions' words: \`ok\`; \`degraded\` for \`resetting\`; \`failed\` for the rest. \`tenstorrent.device.state\` has it whole.
- A label without a value is no attribute.`;

/** Rows of the table of both names. */
export function otelRows(): readonly (readonly string[])[] {
  return OTEL_METRICS.map((metric) => [metric.family, metric.name, metric.kind, metric.unit, attributes(metric)]);
}

/** Rows of the table of labels and attributes, of those that are called the same on every metric. */
export function attributeRows(): readonly (readonly string[])[] {
  return Object.entries(LABEL_ATTRIBUTES);
}

/** Those that the other table does not tell. */
function attributes(metric: OtelMetric): string {
  if (metric.status === true) return '`hw.state`';
  const labels = FAMILIES_WITH_USER.find(({ name }) => name === metric.family)?.labels ?? [];
  const other = labels.filter((label) => metric.attributes?.[label] !== undefined);
  return [
    ...other.map((label) => `\`${label}\`: \`${attributeName(metric, label)}\``),
    ...Object.entries(metric.fixed ?? {}).map(([name, value]) => `\`${name}="${value}"\``),
  ].join(', ');
}
