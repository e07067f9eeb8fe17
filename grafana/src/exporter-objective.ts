import { DEVICE, HOST, promql } from '../../alerts/generator/promql.ts';
import type { Limits } from './parts/limits.ts';
import { stat } from './parts/panels.ts';
import type { PanelBuilder } from './parts/panels.ts';
import { HOSTS } from './parts/selectors.ts';
import { badAbove, badBelow } from './parts/steps.ts';
import { percent } from './parts/text.ts';

/** What the monitoring promises of itself, as shares over 30 days. */
const SCRAPES_OBJECTIVE = 0.999;
const TRACKERS_OBJECTIVE = 0.99;
/** Looked at every so often: a look at every scrape of a month would cost too much. */
const DAYS = '[30d:5m]';

/** A scrape is complete if it came in time and no collector failed; one that did not come is not. By exporter, 0 or 1. */
const COMPLETE = promql`
  min by (${HOST}) (tt_exporter_collector_success{${HOSTS}})
    or on (${HOST}) max by (${HOST}) (up{${HOSTS}} == 0)`;

/** Share of the chips whose memory a tracker tells; those of a host that does not answer are not known. */
const TRACKED = promql`
  count(
    max by (${DEVICE}) (tt_memory_tracker_state{${HOSTS}, state=~"live|idle"}) == 1
  )
    / count(max by (${DEVICE}) (tt_device_info{${HOSTS}}))`;

export function objectivePanels(limits: Limits): PanelBuilder[] {
  const size = { width: 4, height: 4 };
  const share = { unit: 'percentunit', max: 1 };
  return [
    stat({
      ...size,
      ...share,
      title: 'Complete scrapes, 30 days',
      description: `Share of scrapes that came in time and in which no collector failed, looked at every 5 minutes. The objective is ${percent(SCRAPES_OBJECTIVE)}.`,
      decimals: 3,
      expr: promql`
        avg(avg_over_time((
          ${COMPLETE}
        )${DAYS}))`,
      steps: badBelow(SCRAPES_OBJECTIVE),
    }),
    stat({
      ...size,
      title: 'Error budget left',
      description: `What is left of the ${percent(1 - SCRAPES_OBJECTIVE)} of scrapes that may be incomplete in 30 days: 1 is all of it, below 0 the objective is missed.`,
      unit: 'percentunit',
      decimals: 0,
      expr: promql`
        1 - (1 - avg(avg_over_time((
          ${COMPLETE}
        )${DAYS}))) / ${1 - SCRAPES_OBJECTIVE}`,
      steps: badBelow(0),
    }),
    stat({
      ...size,
      ...share,
      title: 'Live trackers, 30 days',
      description: `Share of chips whose memory a tracker tells, alive or idle. The objective is ${percent(TRACKERS_OBJECTIVE)} where all workloads report.`,
      decimals: 2,
      expr: promql`
        avg_over_time((
          ${TRACKED}
        )${DAYS})`,
      steps: badBelow(TRACKERS_OBJECTIVE),
    }),
    stat({
      ...size,
      ...share,
      title: 'Live trackers now',
      description: 'The same for now.',
      decimals: 1,
      expr: TRACKED,
      steps: badBelow(TRACKERS_OBJECTIVE),
    }),
    stat({
      ...size,
      title: 'Collectors failing',
      description: 'Collectors that could not read their source in the last scrape, over all hosts.',
      unit: 'none',
      expr: `count(tt_exporter_collector_success{${HOSTS}} == 0) or 0 * count(tt_exporter_collector_success{${HOSTS}})`,
      steps: badAbove(1),
    }),
    stat({
      ...size,
      title: 'Slowest scrape',
      description: `How long the slowest exporter took. ${percent(limits.scrapeShare)} of what Prometheus allows is an alert.`,
      unit: 's',
      decimals: 2,
      expr: `max(scrape_duration_seconds{${HOSTS}} and on (${HOST}) tt_exporter_build_info{${HOSTS}})`,
      steps: badAbove(limits.scrapeShare * limits.scrapeSeconds),
    }),
  ];
}
