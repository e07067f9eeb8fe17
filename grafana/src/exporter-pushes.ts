import { HOST } from '../../alerts/generator/promql.ts';
import { series } from './parts/panels.ts';
import type { PanelBuilder } from './parts/panels.ts';
import { HOSTS, most } from './parts/selectors.ts';

/** Whether what the exporters push by OTLP arrives. Exporters that push nothing are not in it. */
export function pushPanels(): PanelBuilder[] {
  const size = { width: 12, height: 8 };
  return [
    series({
      ...size,
      title: 'Pushes that fail',
      description:
        'Requests by OTLP that no receiver took, in ten minutes, of the eight hosts with most. What is not taken is not kept; the log says why.',
      unit: 'short',
      queries: [
        {
          expr: most(
            8,
            HOST,
            `sum by (${HOST}) (increase(tt_exporter_otlp_exports_total{${HOSTS}, result="failure"}[10m]))`,
          ),
          legend: '{{instance}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'Since a push arrived',
      description:
        'Time since a receiver last took something, of the eight hosts with most. More than some intervals of pushing (OTEL_METRIC_EXPORT_INTERVAL): the numbers there are old. A host of which nothing was ever taken is on the left only.',
      unit: 's',
      queries: [
        {
          expr: most(8, HOST, `time() - max by (${HOST}) (tt_exporter_otlp_last_success_timestamp_seconds{${HOSTS}})`),
          legend: '{{instance}}',
        },
      ],
    }),
  ];
}
