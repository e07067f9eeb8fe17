import { ALLOCATION_SERVER_FAMILIES } from './catalogue/allocation-server.ts';
import { CAPACITY_FAMILIES } from './catalogue/capacity.ts';
import { DEVICE_INFO_FAMILIES } from './catalogue/device-info.ts';
import { DEVICE_MEMORY_FAMILIES } from './catalogue/device-memory.ts';
import { ENDED_PROCESS_FAMILIES } from './catalogue/ended-processes.ts';
import { EXPORTER_FAMILIES } from './catalogue/exporter.ts';
import { PCIE_FAMILIES } from './catalogue/pcie.ts';
import { PROCESS_INFO, PROCESS_INFO_WITH_USER } from './catalogue/process-info.ts';
import { PROCESS_FAMILIES } from './catalogue/processes.ts';
import { SENSOR_FAMILIES } from './catalogue/sensors.ts';
import { SERVER_MEMORY_FAMILIES } from './catalogue/server-memory.ts';
import { TRACKER_FAMILIES } from './catalogue/trackers.ts';
import { WORKLOAD_FAMILIES } from './catalogue/workload-memory.ts';
import type { Family } from './family.ts';

/**
 * Every family that is drawn from a snapshot, in the page's order: by theme, the same on every page. Beside them a page
 * has SERIES_FAMILY and the families of the process with the HTTP server (OWN_FAMILIES).
 */
export const FAMILIES: readonly Family[] = [
  ...DEVICE_MEMORY_FAMILIES,
  ...CAPACITY_FAMILIES,
  ...TRACKER_FAMILIES,
  ...ALLOCATION_SERVER_FAMILIES,
  ...SERVER_MEMORY_FAMILIES,
  ...ENDED_PROCESS_FAMILIES,
  ...PROCESS_FAMILIES,
  ...WORKLOAD_FAMILIES,
  ...DEVICE_INFO_FAMILIES,
  ...SENSOR_FAMILIES,
  ...PCIE_FAMILIES,
  ...EXPORTER_FAMILIES,
];

/** The same where users are shown: tt_process_info has the label `user`. */
export const FAMILIES_WITH_USER: readonly Family[] = FAMILIES.map((family) =>
  family === PROCESS_INFO ? PROCESS_INFO_WITH_USER : family,
);
