import type { Family } from '../family.ts';

/** The names that sources have in the `collector` label. */
export const COLLECTOR_NAMES = ['allocation_server', 'shared_memory', 'sysfs', 'procfs', 'kubernetes'] as const;

/** How the reading itself went. */
export const EXPORTER_FAMILIES: readonly Family[] = [
  {
    name: 'tt_exporter_collector_success',
    type: 'gauge',
    unit: undefined,
    help: 'Whether a collector read its source: 1, also where there is nothing to read; 0 where there is something and it failed or was not done in time.',
    labels: ['collector'],
    group: 'exporter',
    draw(snapshot, sink) {
      for (const { name, outcome } of snapshot.collectors) {
        sink.sample(outcome === 'ok' || outcome === 'no_data' ? 1 : 0, name);
      }
    },
  },
  {
    name: 'tt_exporter_collector_duration_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'How long a collector took for this answer, or had been at work when the answer had to go.',
    labels: ['collector'],
    group: 'exporter',
    draw(snapshot, sink) {
      for (const { name, durationSeconds } of snapshot.collectors) sink.sample(durationSeconds, name);
    },
  },
  {
    name: 'tt_exporter_read_errors_total',
    type: 'counter',
    unit: undefined,
    help: 'What could not be read or believed, and was left out, by reason, since the exporter started; the log has the files and fields.',
    labels: ['collector', 'reason'],
    group: 'exporter',
    draw(snapshot, sink) {
      for (const { collector, reason, count } of snapshot.readErrors) sink.sample(count, collector, reason);
    },
  },
  {
    name: 'tt_exporter_missing_rights',
    type: 'gauge',
    unit: undefined,
    help: 'Rights that the exporter would need to see everything and lacks: 1 for each. What it cannot see it leaves out or calls unverifiable.',
    labels: ['right'],
    group: 'exporter',
    draw(snapshot, sink) {
      for (const right of snapshot.missingRights) sink.sample(1, right);
    },
  },
  {
    name: 'tt_exporter_devices_skipped',
    type: 'gauge',
    unit: undefined,
    help: 'Chips whose telemetry is missing from this answer because a read of theirs is blocked.',
    labels: [],
    group: 'exporter',
    draw(snapshot, sink) {
      if (snapshot.devicesSkipped !== undefined) sink.sample(snapshot.devicesSkipped);
    },
  },
  {
    name: 'tt_exporter_processes_folded',
    type: 'gauge',
    unit: undefined,
    help: 'Processes of this answer that are part of pid="other" on at least one chip, because it has more than --memory.max-processes.',
    labels: [],
    group: 'exporter',
    draw(snapshot, sink) {
      sink.sample(snapshot.processesFolded);
    },
  },
  {
    name: 'tt_maintenance',
    type: 'gauge',
    unit: undefined,
    help: 'Whether the maintenance file is there: 1 or 0. Absent where none is configured.',
    labels: [],
    group: 'exporter',
    draw(snapshot, sink) {
      if (snapshot.maintenance !== undefined) sink.sample(snapshot.maintenance ? 1 : 0);
    },
  },
];

/** Known only when the page is done: the encoder draws it, last of the devices' families. */
export const SERIES_FAMILY: Family = {
  name: 'tt_exporter_series',
  type: 'gauge',
  unit: undefined,
  help: "Samples in this answer, this one and the exporter's own included.",
  labels: [],
  group: 'exporter',
  draw() {
    // A snapshot does not know how many samples will be drawn from it.
  },
};
