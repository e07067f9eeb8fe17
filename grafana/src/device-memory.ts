import { DEVICE, PROCESS } from '../../alerts/generator/promql.ts';
import type { Limits } from './parts/limits.ts';
import { series } from './parts/panels.ts';
import type { PanelBuilder } from './parts/panels.ts';
import { CHIPS, most, withOwner } from './parts/selectors.ts';
import { badAbove } from './parts/steps.ts';
import { percent } from './parts/text.ts';

const LEGEND = '{{device}} of {{instance}}';
const PROCESS_LEGEND = '{{comm}} {{pid}} on {{device}}';

/** How much is allocated, of how much, and by whom. */
export function memoryPanels(limits: Limits): PanelBuilder[] {
  const size = { width: 12, height: 8 };
  return [
    series({
      ...size,
      title: 'DRAM by type',
      description: `What the trackers count, summed over the chosen chips. Dashed: their capacity; ${percent(limits.almostFull)} of it and still moving is an alert. Padding and fragmentation are in no number.`,
      unit: 'bytes',
      stacked: true,
      dashed: '/capacity/',
      queries: [
        { expr: `sum by (type) (tt_device_dram_allocated_bytes{${CHIPS}})`, legend: '{{type}}' },
        { expr: `sum(tt_dram_capacity_bytes{${CHIPS}})`, legend: 'capacity' },
      ],
    }),
    series({
      ...size,
      title: 'L1 by type',
      description:
        'What the trackers count, summed over the chosen chips; cb may be a high-water mark. Dashed: capacity, and what an allocator can hand out of it (an estimate).',
      unit: 'bytes',
      stacked: true,
      dashed: '/capacity|allocatable/',
      queries: [
        { expr: `sum by (type) (tt_device_l1_allocated_bytes{${CHIPS}})`, legend: '{{type}}' },
        { expr: `sum(tt_l1_capacity_bytes{${CHIPS}})`, legend: 'capacity' },
        { expr: `sum(tt_l1_allocatable_bytes{${CHIPS}})`, legend: 'allocatable' },
      ],
    }),
    series({
      ...size,
      title: 'Who holds the DRAM',
      description: 'DRAM by process, the eight largest, alive or not.',
      unit: 'bytes',
      queries: [
        {
          expr: withOwner(most(8, PROCESS, `sum by (${PROCESS}) (tt_dram_allocated_bytes{${CHIPS}}) > 0`)),
          legend: PROCESS_LEGEND,
        },
      ],
    }),
    series({
      ...size,
      title: 'Who holds the L1',
      description: 'L1 by process, the eight largest, alive or not; circular buffers are in it.',
      unit: 'bytes',
      queries: [
        {
          expr: withOwner(most(8, PROCESS, `sum by (${PROCESS}) (tt_l1_allocated_bytes{${CHIPS}}) > 0`)),
          legend: PROCESS_LEGEND,
        },
      ],
    }),
  ];
}

/** What trackers do not count, and what only some of them say. */
export function memoryDetail(limits: Limits): PanelBuilder[] {
  const size = { width: 8, height: 8 };
  return [
    series({
      ...size,
      title: 'L1 that no tracker counts',
      description: 'Estimates from the memory map of TT-Metal, not measurements, of the chosen chips together.',
      unit: 'bytes',
      queries: [{ expr: `sum by (type) (tt_l1_estimated_bytes{${CHIPS}})`, legend: '{{type}}' }],
    }),
    series({
      ...size,
      title: 'Kernel-config ring',
      description: 'How much of the ring buffer is used, of how much, and programs in it. From dialect C only.',
      unit: 'bytes',
      dashed: '/capacity/',
      queries: [
        { expr: `sum by (${DEVICE}) (tt_l1_kernel_ring_used_bytes{${CHIPS}})`, legend: `used on ${LEGEND}` },
        { expr: `max(tt_l1_kernel_ring_capacity_bytes{${CHIPS}})`, legend: 'capacity of a chip' },
      ],
    }),
    series({
      ...size,
      title: 'Cached programs',
      description: 'Programs in the kernel-config ring buffer. From dialect C only.',
      unit: 'short',
      queries: [{ expr: `sum by (${DEVICE}) (tt_cached_programs{${CHIPS}})`, legend: LEGEND }],
    }),
    series({
      ...size,
      title: 'Open descriptors',
      description:
        'Open descriptors of the chip, of all processes. 0 with memory allocated: nobody is there to free it.',
      unit: 'none',
      decimals: 0,
      queries: [{ expr: most(8, DEVICE, `sum by (${DEVICE}) (tt_device_holders{${CHIPS}})`), legend: LEGEND }],
    }),
    series({
      ...size,
      title: 'Slots of the region',
      description: `Process slots in use in the fullest shared memory region of the chip, of ${limits.regionSlots}. All used is an alert.`,
      unit: 'none',
      decimals: 0,
      steps: badAbove(limits.regionSlots),
      queries: [
        { expr: most(8, DEVICE, `max by (${DEVICE}) (tt_memory_region_slots_used{${CHIPS}})`), legend: LEGEND },
      ],
    }),
    series({
      ...size,
      title: 'Workloads',
      description: 'DRAM by pod, Slurm job, container or unit, the eight largest on the chosen chips.',
      unit: 'bytes',
      queries: [
        {
          expr: most(
            8,
            'workload_kind, workload',
            `sum by (workload_kind, workload) (tt_workload_dram_allocated_bytes{${CHIPS}})`,
          ),
          legend: '{{workload_kind}} {{workload}}',
        },
      ],
    }),
  ];
}
