import { HOST, promql } from '../../alerts/generator/promql.ts';
import type { Limits } from './parts/limits.ts';
import { series } from './parts/panels.ts';
import type { PanelBuilder } from './parts/panels.ts';
import { HOSTS, most } from './parts/selectors.ts';
import { badAbove } from './parts/steps.ts';
import { percent } from './parts/text.ts';

/** How long answers take, and what they lack. */
export function scrapePanels(limits: Limits): PanelBuilder[] {
  const size = { width: 8, height: 8 };
  return [
    series({
      ...size,
      title: 'Scrapes, as Prometheus sees them',
      description: `How long the slowest exporters took, transfer included. ${percent(limits.scrapeShare)} of the time that Prometheus gives (here: ${limits.scrapeSeconds} s) is an alert.`,
      unit: 's',
      steps: badAbove(limits.scrapeShare * limits.scrapeSeconds),
      queries: [
        {
          expr: most(
            8,
            HOST,
            `max by (${HOST}) (scrape_duration_seconds{${HOSTS}} and on (${HOST}) tt_exporter_build_info{${HOSTS}})`,
          ),
          legend: '{{instance}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'Answers, as the exporters see them',
      description: 'From the request to the page, compression included, over all exporters.',
      unit: 's',
      queries: [0.5, 0.9, 0.99].map((quantile) => ({
        expr: promql`
          histogram_quantile(${quantile},
            sum by (le) (rate(tt_exporter_scrape_duration_seconds_bucket{${HOSTS}}[$__rate_interval]))
          )`,
        legend: `${percent(quantile)} within`,
      })),
    }),
    series({
      ...size,
      title: 'Collectors',
      description: 'How long the slowest of each collector took. One that fails is in the table above.',
      unit: 's',
      queries: [
        {
          expr: `max by (collector) (tt_exporter_collector_duration_seconds{${HOSTS}})`,
          legend: '{{collector}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'Collectors that fail',
      description: `Share of hosts on which a collector could not read its source. Less than ${percent(limits.collectorShare)} of the scrapes of a host is an alert.`,
      unit: 'percentunit',
      max: 1,
      queries: [
        {
          expr: `1 - avg by (collector) (tt_exporter_collector_success{${HOSTS}})`,
          legend: '{{collector}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'What could not be read',
      description:
        'Readings that could not be had or believed and were left out, a second, for the five reasons there were most of. The log names the files.',
      unit: 'ops',
      queries: [
        {
          expr: most(
            5,
            'collector, reason',
            `sum by (collector, reason) (rate(tt_exporter_read_errors_total{${HOSTS}}[$__rate_interval]))`,
          ),
          legend: '{{collector}}: {{reason}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'Scrapes answered',
      description: 'Pages a second, by host. More than Prometheus asks for: somebody else asks too.',
      unit: 'reqps',
      queries: [
        {
          expr: most(8, HOST, `sum by (${HOST}) (rate(tt_exporter_scrapes_total{${HOSTS}}[$__rate_interval]))`),
          legend: '{{instance}}',
        },
      ],
    }),
  ];
}
