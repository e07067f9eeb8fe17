import { devicePage } from './device.ts';
import { exporterPage } from './exporter.ts';
import { fleetPage } from './fleet.ts';
import { jobsPage } from './jobs.ts';
import { leaksPage } from './leaks.ts';
import type { Limits } from './parts/limits.ts';
import { buildPage } from './parts/page.ts';
import type { Dashboard } from './parts/page.ts';

/** Every dashboard by the name of its file, from general to specific. */
export function allDashboards(limits: Limits): Map<string, Dashboard> {
  const pages = [fleetPage(limits), devicePage(limits), leaksPage(limits), jobsPage(), exporterPage(limits)];
  return new Map(pages.map((page) => [page.name, buildPage(page)]));
}
