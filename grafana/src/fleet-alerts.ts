import { HOST, promql } from '../../alerts/generator/promql.ts';
import { CHIP_COLUMN, HOST_COLUMN } from './parts/columns.ts';
import { words } from './parts/panels.ts';
import type { PanelBuilder } from './parts/panels.ts';
import { HOSTS_AND_FLEET } from './parts/selectors.ts';
import { ORANGE, RED } from './parts/steps.ts';
import { table } from './parts/table.ts';

/** What fires and what is about to. */
export function alertsTable(): PanelBuilder {
  return table({
    title: 'Alerts',
    description:
      'What fires and what is about to, by the rules of this project, and for how long the condition has been true. One without a host is about the whole job. No alerts and no rules look the same here: "Exporter" says whether the numbers can be trusted.',
    unit: 'none',
    width: 24,
    height: 6,
    noValue: 'No alert',
    queries: [
      promql`
        count by (${HOST}, device, pid, alertname, severity, alertstate, memory) (ALERTS{alertname=~"Tenstorrent.+", ${HOSTS_AND_FLEET}})`,
      promql`
        time() - max by (${HOST}, device, pid, alertname, severity, memory) (ALERTS_FOR_STATE{alertname=~"Tenstorrent.+", ${HOSTS_AND_FLEET}})`,
    ],
    columns: [
      {
        of: 'severity',
        title: 'Severity',
        width: 100,
        mappings: words({
          critical: { text: 'critical', color: RED },
          warning: { text: 'warning', color: ORANGE },
          info: { text: 'info', color: 'blue' },
        }),
      },
      { of: 'alertname', title: 'Alert' },
      { of: 'alertstate', title: 'State', width: 100 },
      { ...HOST_COLUMN, width: 220 },
      CHIP_COLUMN,
      { of: 'pid', title: 'PID', width: 100 },
      { of: 'memory', title: 'Memory', width: 90 },
      { of: { value: 1 }, title: 'For', unit: 'dtdurations', decimals: 0, width: 200 },
    ],
    sortBy: 'For',
  });
}
