import { alertsTable } from './fleet-alerts.ts';
import { fleetCurves } from './fleet-curves.ts';
import { hostsTable } from './fleet-hosts.ts';
import { fleetInventory } from './fleet-inventory.ts';
import { fleetNumbers } from './fleet-numbers.ts';
import type { Limits } from './parts/limits.ts';
import type { Page } from './parts/page.ts';

/** Is anything wrong, and where is the memory? */
export function fleetPage(limits: Limits): Page {
  return {
    name: 'fleet',
    title: 'Fleet',
    description: 'Is anything wrong, and where is the memory? All hosts with Tenstorrent chips.',
    from: 'now-3h',
    chips: false,
    panels: [...fleetNumbers(limits), alertsTable(), hostsTable(limits), ...fleetCurves(limits)],
    rows: [{ title: 'What the fleet is made of', panels: fleetInventory() }],
  };
}
