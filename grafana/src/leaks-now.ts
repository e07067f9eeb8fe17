import { DEVICE, HOST, PROCESS, promql } from '../../alerts/generator/promql.ts';
import type { Limits } from './parts/limits.ts';
import { CAPACITY, DRAM_SHARE, FULL_IN, GROWN, ORPHANED, UNATTRIBUTED } from './parts/memory.ts';
import { series, stat } from './parts/panels.ts';
import type { PanelBuilder } from './parts/panels.ts';
import { CHIPS, HOSTS, most, orNone, withOwner } from './parts/selectors.ts';
import { badAbove, GREEN, ORANGE, PLAIN, RED } from './parts/steps.ts';
import { minutes, percent } from './parts/text.ts';

const MEMORY_ALERTS = [
  'TenstorrentProcessMemoryGrowing',
  'TenstorrentMemoryExhaustionPredicted',
  'TenstorrentMemoryOrphaned',
  'TenstorrentMemoryUnattributed',
  'TenstorrentMemoryAlmostFull',
  'TenstorrentMemoryHeldIdle',
  'TenstorrentMemoryOverCapacity',
  'TenstorrentAllocationFailing',
].join('|');

/** Is there a leak, at a glance. */
export function numbers(limits: Limits): PanelBuilder[] {
  const size = { width: 4, height: 3 };
  return [
    stat({
      ...size,
      title: 'Growing',
      description: `Processes that hold more than they did: what they never gave back within "Growth over" rose by more than ${percent(limits.grownInAStep)} of the chip's capacity. A model that loads is one too; one that stays in the table below is not.`,
      unit: 'none',
      expr: orNone(
        `count(count by (${HOST}, pid) (${GROWN} > on (${DEVICE}, memory) group_left () ${limits.grownInAStep} * (${CAPACITY})))`,
      ),
      steps: badAbove(1),
    }),
    stat({
      ...size,
      title: 'First chip full in',
      description: `Time until the first chip has no DRAM left, if its fastest process goes on as over "Growth over". Red below ${minutes(limits.horizon)}, where the alert looks.`,
      unit: 'dtdurations',
      expr: `min(${FULL_IN})`,
      steps: [
        { value: null, color: RED },
        { value: limits.horizon, color: ORANGE },
        { value: 86_400, color: GREEN },
      ],
      decimals: 0,
      noValue: 'nothing grows',
    }),
    stat({
      ...size,
      title: 'Orphaned',
      description:
        'Memory that is charged to processes which are proven gone. Any that stays is lost until the region is removed or the chip is reset. "unknown": no tracker could prove it either way.',
      unit: 'bytes',
      expr: orNone(`sum(${ORPHANED})`),
      steps: badAbove(1),
    }),
    stat({
      ...size,
      title: 'Unattributed',
      description: `Allocated memory that no process is charged with. Trackers drift; more than ${percent(limits.unattributed)} of a chip is an alert.`,
      unit: 'bytes',
      expr: `sum(${UNATTRIBUTED})`,
      steps: PLAIN,
    }),
    stat({
      ...size,
      title: 'Fullest chip',
      description: `Largest share of DRAM that is allocated on one chip. Above ${percent(limits.almostFull)}, and still moving, is an alert: memory runs out in one bank and by fragmentation, so it ends before 100 %.`,
      unit: 'percentunit',
      expr: `max(${DRAM_SHARE})`,
      steps: badAbove(limits.halfFull, limits.almostFull),
      decimals: 1,
    }),
    stat({
      ...size,
      title: 'Memory alerts firing',
      description: 'Alerts about memory that fire now, of those that the rules of this project make.',
      unit: 'none',
      expr: orNone(`count(ALERTS{alertname=~"${MEMORY_ALERTS}", alertstate="firing", ${HOSTS}})`),
      steps: badAbove(1),
    }),
  ];
}

/** How it went, and where it leads. */
export function curves(limits: Limits): PanelBuilder[] {
  const size = { width: 12, height: 8 };
  return [
    series({
      title: 'DRAM of those that grow',
      description:
        'What the processes of "Who grows" held over the time shown. A leak is a straight line or a staircase; a cache bends and ends; training goes up and down.',
      unit: 'bytes',
      ...size,
      queries: [
        {
          expr: withOwner(
            promql`
              sum by (${PROCESS}) (tt_dram_allocated_bytes{${CHIPS}, pid!="other"})
                and on (${PROCESS}) topk(8, last_over_time((${GROWN})[$__range:$__rate_interval] @ end()))`,
            PROCESS,
          ),
          legend: '{{comm}} {{pid}} on {{device}} of {{instance}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'How full the chips are, and where that leads',
      description: `Share of DRAM that is allocated on the fullest chips. Dashed: where the growth of "Growth over" leads in ${minutes(limits.horizon)}, on the same chip. The line at ${percent(limits.almostFull)} is the alert's.`,
      unit: 'percentunit',
      max: 1,
      steps: badAbove(limits.halfFull, limits.almostFull),
      dashed: '/ahead$/',
      queries: [
        {
          expr: most(5, DEVICE, DRAM_SHARE),
          legend: '{{device}} of {{instance}}',
        },
        {
          expr: most(
            3,
            DEVICE,
            promql`
            clamp_max(
              sum by (${DEVICE}) (predict_linear(tt_device_dram_allocated_bytes{${CHIPS}}[$window], ${limits.horizon}))
                  / on (${DEVICE}) max by (${DEVICE}) (tt_dram_capacity_bytes{${CHIPS}})
                and on (${DEVICE}) (sum by (${DEVICE}) (deriv(tt_device_dram_allocated_bytes{${CHIPS}}[$window])) > 0)
            , 1)`,
          ),
          legend: '{{device}} of {{instance}}, ahead',
        },
      ],
    }),
    series({
      width: 24,
      height: 7,
      title: 'Orphaned and unattributed',
      description:
        'Memory of dead processes, and memory that no process is charged with, by chip. A step up is a death; it should fall again when somebody cleans up.',
      unit: 'bytes',
      queries: [
        { expr: `sum by (${DEVICE}) (${ORPHANED}) > 0`, legend: 'orphaned on {{device}} of {{instance}}' },
        {
          expr: most(3, DEVICE, `sum by (${DEVICE}) (${UNATTRIBUTED})`),
          legend: 'unattributed on {{device}} of {{instance}}',
        },
      ],
    }),
  ];
}
