import { multiply } from './durations.ts';
import { CHIP, HOST } from './promql.ts';
import type { Recording } from './rules.ts';
import type { Thresholds } from './thresholds.ts';

export const SEEN = 'instance:tt_seen:max';

/** What was there within the last minutes, for rules that look back a day: ranges over the raw series cost seconds. */
export function seenRecordings(thresholds: Thresholds): Recording[] {
  const window = multiply(thresholds.duration('evaluation.history'), 2);
  const seen = (what: string, family: string): Recording => ({
    kind: 'record',
    record: SEEN,
    expr: `max by (${HOST}) (max_over_time(${family}[${window}]))`,
    labels: { what },
  });
  return [
    {
      ...seen('exporter', 'tt_exporter_build_info'),
      why: 'What is ours is known by its own metrics, whatever the job is called.',
    },
    seen('allocation_server', 'tt_allocation_server_up'),
    seen('maintenance', 'tt_maintenance'),
    {
      kind: 'record',
      record: 'chip:tt_seen:max',
      expr: `max by (${CHIP}) (max_over_time(tt_device_info{pci_address!=""}[${window}]))`,
    },
  ];
}
