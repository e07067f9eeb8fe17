import { exportersTable } from './exporter-hosts.ts';
import { objectivePanels } from './exporter-objective.ts';
import { pushPanels } from './exporter-pushes.ts';
import { scrapePanels } from './exporter-scrapes.ts';
import { serverPanels } from './exporter-server.ts';
import { leftOutPanels, trackerPanels } from './exporter-trackers.ts';
import type { Limits } from './parts/limits.ts';
import type { Page } from './parts/page.ts';

/** Can the numbers be trusted? */
export function exporterPage(limits: Limits): Page {
  return {
    name: 'exporter',
    title: 'Exporter',
    description:
      'Can the numbers be trusted? Scrapes, collectors, trackers and the allocation server, and what the monitoring has promised for 30 days.',
    from: 'now-3h',
    chips: false,
    panels: [...objectivePanels(limits), exportersTable(limits), ...scrapePanels(limits), ...trackerPanels()],
    rows: [
      { title: 'The allocation server', panels: serverPanels() },
      { title: 'Pushing by OpenTelemetry', panels: pushPanels() },
      { title: 'Regions, chips left out, configuration', panels: leftOutPanels() },
    ],
  };
}
