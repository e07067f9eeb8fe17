import { HOST } from '../../alerts/generator/promql.ts';
import { HOST_COLUMN } from './parts/columns.ts';
import type { Limits } from './parts/limits.ts';
import { words } from './parts/panels.ts';
import type { PanelBuilder } from './parts/panels.ts';
import { HOSTS } from './parts/selectors.ts';
import { badAbove, GREEN, RED } from './parts/steps.ts';
import { table } from './parts/table.ts';

/** A row for each exporter. */
export function exportersTable(limits: Limits): PanelBuilder {
  return table({
    title: 'Exporters',
    description:
      'Each exporter: version, worst collector, what it lacks the rights for, how many samples it gives, and how long it takes.',
    unit: 'none',
    width: 24,
    height: 6,
    queries: [
      `count by (${HOST}, version, node_version) (tt_exporter_build_info{${HOSTS}})`,
      `min by (${HOST}) (tt_exporter_collector_success{${HOSTS}})`,
      `sum by (${HOST}) (tt_exporter_missing_rights{${HOSTS}}) or 0 * max by (${HOST}) (tt_exporter_build_info{${HOSTS}})`,
      `max by (${HOST}) (tt_exporter_series{${HOSTS}})`,
      `max by (${HOST}) (scrape_duration_seconds{${HOSTS}})`,
      `max by (${HOST}) (tt_exporter_devices_skipped{${HOSTS}})`,
      `max by (${HOST}) (tt_exporter_config_last_reload_successful{${HOSTS}})`,
      `1000 * max by (${HOST}) (tt_exporter_config_last_reload_timestamp_seconds{${HOSTS}})`,
    ],
    columns: [
      { ...HOST_COLUMN, width: 220 },
      { of: 'version', title: 'Version', width: 90 },
      { of: 'node_version', title: 'Node.js', width: 100 },
      {
        of: { value: 1 },
        title: 'Collectors',
        width: 100,
        mappings: words({ 0: { text: 'failing', color: RED }, 1: { text: 'all good', color: GREEN } }),
      },
      { of: { value: 2 }, title: 'Rights missing', width: 120, steps: badAbove(1) },
      { of: { value: 5 }, title: 'Chips skipped', width: 120, steps: badAbove(1) },
      { of: { value: 3 }, title: 'Samples', unit: 'short', width: 100, steps: badAbove(limits.series) },
      {
        of: { value: 4 },
        title: 'Scrape takes',
        unit: 's',
        steps: badAbove(limits.scrapeShare * limits.scrapeSeconds),
      },
      {
        of: { value: 6 },
        title: 'Files',
        width: 100,
        mappings: words({ 0: { text: 'refused', color: RED }, 1: { text: 'in force', color: GREEN } }),
      },
      { of: { value: 7 }, title: 'Files read', unit: 'dateTimeFromNow', width: 140 },
    ],
    sortBy: 'Scrape takes',
  });
}
