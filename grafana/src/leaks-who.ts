import { DEVICE, PROCESS, promql } from '../../alerts/generator/promql.ts';
import { CHIP_COLUMN, HOST_COLUMN, MEMORY_COLUMN, OWNER_COLUMNS } from './parts/columns.ts';
import type { Limits } from './parts/limits.ts';
import { CAPACITY, FULL_IN, GROWING_SINCE, HELD, MOST_GROWN, ORPHANED, SLOPE } from './parts/memory.ts';
import { words } from './parts/panels.ts';
import type { PanelBuilder } from './parts/panels.ts';
import { CHIPS, named, withOwner } from './parts/selectors.ts';
import { badAbove, ORANGE, RED } from './parts/steps.ts';
import { table } from './parts/table.ts';
import { percent } from './parts/text.ts';

const ON_MEMORY = `on (${DEVICE}, memory)`;

/** Who grows, by how much, since when, whose it is, and when the chip is full. */
export function whoGrows(limits: Limits): PanelBuilder {
  const among = `\nand on (${PROCESS}, memory) ${MOST_GROWN}`;
  return table({
    title: 'Who grows',
    description:
      'The processes that have grown most: what each never gave back within "Growth over", less the same of the time before it. "Growing since": when it last held no more than one "Growth over" before, within the time shown. "Chip full in": if it goes on like that. "Alert": the rules have seen it long enough.',
    unit: 'bytes',
    width: 24,
    height: 7,
    noValue: 'Nothing has grown',
    queries: [
      withOwner(MOST_GROWN, `${PROCESS}, memory`),
      `(${HELD})${among}`,
      `3600 * (${SLOPE})${among}`,
      `(${GROWING_SINCE})${among}`,
      `label_replace(${FULL_IN}, "memory", "DRAM", "", "")${among}`,
      promql`
        sum by (${PROCESS}, memory) (
          label_replace(label_replace(
            ALERTS{alertname=~"TenstorrentProcessMemoryGrowing|TenstorrentMemoryExhaustionPredicted", ${CHIPS}},
            "memory", "DRAM", "memory", "dram"), "memory", "L1", "memory", "l1")
          * on (alertstate) group_left () (
            label_replace(vector(1), "alertstate", "pending", "", "") or label_replace(vector(2), "alertstate", "firing", "", "")
          )
        )` + among,
    ],
    columns: [
      ...OWNER_COLUMNS,
      HOST_COLUMN,
      CHIP_COLUMN,
      MEMORY_COLUMN,
      { of: { value: 1 }, title: 'Holds', width: 100 },
      { of: { value: 0 }, title: 'Grown by', width: 100 },
      { of: { value: 2 }, title: 'Per hour', width: 100 },
      { of: { value: 3 }, title: 'Growing since', unit: 'dateTimeFromNow', width: 140 },
      {
        of: { value: 4 },
        title: 'Chip full in',
        unit: 'dtdurations',
        decimals: 0,
        width: 170,
        steps: [
          { value: null, color: RED },
          { value: limits.horizon, color: 'text' },
        ],
      },
      {
        of: { value: 5 },
        title: 'Alert',
        unit: 'none',
        width: 80,
        mappings: words({
          1: { text: 'pending', color: ORANGE },
          2: { text: 'firing', color: RED },
          3: { text: 'firing', color: RED },
          4: { text: 'firing', color: RED },
        }),
      },
    ],
    sortBy: 'Grown by',
  });
}

/** What the dead left behind, and who they were. */
export function orphans(limits: Limits): PanelBuilder {
  const lastOwner = `topk by (${PROCESS}) (1, process:tt_owner_seen:timestamp{${CHIPS}})`;
  const owned = promql`
    (${ORPHANED})
      + on (${PROCESS}) group_left (comm, pod_namespace, pod_name, pod_uid, container_name, container_id, slurm_job_id, unit)
        0 * ${lastOwner}
    or on (${PROCESS}, memory) (${ORPHANED})`;
  return table({
    title: 'Orphaned: who died and left it',
    description: `Memory of processes that are proven gone, and who they were when they were last seen alive (from the recording rules). More than ${percent(limits.orphaned)} of the chip, for a while, is an alert. It goes when the region is removed or the chip is reset.`,
    unit: 'bytes',
    width: 24,
    height: 5,
    noValue: 'No orphaned memory',
    queries: [
      named(owned),
      `(${ORPHANED}) / ${ON_MEMORY} group_left () (${CAPACITY})`,
      promql`
        1000 * (
          (${ORPHANED}) * 0 + on (${PROCESS}) group_left () max by (${PROCESS}) (${lastOwner})
        )`,
    ],
    columns: [
      ...OWNER_COLUMNS,
      HOST_COLUMN,
      CHIP_COLUMN,
      MEMORY_COLUMN,
      { of: { value: 0 }, title: 'Orphaned', width: 95 },
      {
        of: { value: 1 },
        title: 'Of the chip',
        unit: 'percentunit',
        decimals: 2,
        width: 95,
        steps: badAbove(limits.orphaned),
      },
      { of: { value: 2 }, title: 'Last alive', unit: 'dateTimeFromNow', width: 130 },
    ],
    sortBy: 'Orphaned',
  });
}
