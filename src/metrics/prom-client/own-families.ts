import type { FamilyGroup } from '../family.ts';

/** A family that the process with the HTTP server keeps itself: for the registry, the reference and whoever checks names. */
export interface OwnFamily {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly group: FamilyGroup;
}

export const BUILD_INFO = {
  name: 'tt_exporter_build_info',
  type: 'gauge',
  help: 'Version, revision and Node version of the exporter; always 1.',
  labels: ['version', 'revision', 'node_version'],
  group: 'exporter',
} as const satisfies OwnFamily;

export const SCRAPES = {
  name: 'tt_exporter_scrapes_total',
  type: 'counter',
  help: 'Scrapes answered with a page since the exporter started. Those refused or given up are not in it.',
  labels: [],
  group: 'exporter',
} as const satisfies OwnFamily;

export const SCRAPE_DURATION = {
  name: 'tt_exporter_scrape_duration_seconds',
  type: 'histogram',
  help: 'How long answering a scrape took, from the request to the page, compression included. Sending it is not in it.',
  labels: [],
  group: 'exporter',
} as const satisfies OwnFamily;

export const RELOAD_SUCCESSFUL = {
  name: 'tt_exporter_config_last_reload_successful',
  type: 'gauge',
  help: 'Whether the files were good when they were last read: 1 or 0. At 0 the last good ones are in force.',
  labels: [],
  group: 'exporter',
} as const satisfies OwnFamily;

export const RELOAD_TIMESTAMP = {
  name: 'tt_exporter_config_last_reload_timestamp_seconds',
  type: 'gauge',
  help: 'When the files were last read, good or not, in seconds since the Unix epoch.',
  labels: [],
  group: 'exporter',
} as const satisfies OwnFamily;

export const OTLP_EXPORTS = {
  name: 'tt_exporter_otlp_exports_total',
  type: 'counter',
  help: 'Requests that pushed metrics by OTLP since the exporter started, by result; a push of many points is several. Absent where nothing is pushed.',
  labels: ['result'],
  group: 'exporter',
} as const satisfies OwnFamily;

export const OTLP_LAST_SUCCESS = {
  name: 'tt_exporter_otlp_last_success_timestamp_seconds',
  type: 'gauge',
  help: 'When a receiver last took metrics that were pushed by OTLP, in seconds since the Unix epoch. Absent until it has.',
  labels: [],
  group: 'exporter',
} as const satisfies OwnFamily;

export const OWN_FAMILIES: readonly OwnFamily[] = [
  BUILD_INFO,
  SCRAPES,
  SCRAPE_DURATION,
  RELOAD_SUCCESSFUL,
  RELOAD_TIMESTAMP,
  OTLP_EXPORTS,
  OTLP_LAST_SUCCESS,
];
