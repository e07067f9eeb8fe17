import { DEVICE, HOST, promql } from '../../alerts/generator/promql.ts';
import { DRAM, DRAM_CAPACITY } from './fleet-memory.ts';
import type { Limits } from './parts/limits.ts';
import { series } from './parts/panels.ts';
import type { PanelBuilder } from './parts/panels.ts';
import { HOSTS, most } from './parts/selectors.ts';
import { badAbove } from './parts/steps.ts';
import { percent } from './parts/text.ts';

/** Memory, chips and workloads as time goes by. */
export function fleetCurves(limits: Limits): PanelBuilder[] {
  const size = { width: 12, height: 8 };
  return [
    series({
      ...size,
      title: 'DRAM by host',
      description: 'Allocated DRAM of each host, the fullest eight. Dashed: all DRAM of the fleet that is known.',
      unit: 'bytes',
      stacked: true,
      dashed: '/capacity/',
      queries: [
        { expr: most(8, HOST, DRAM), legend: '{{instance}}' },
        { expr: `sum(${DRAM_CAPACITY})`, legend: 'capacity of all' },
      ],
    }),
    series({
      ...size,
      title: 'Fullest chips',
      description: `Share of DRAM that is allocated, of the eight fullest chips. ${percent(limits.almostFull)} and still moving is an alert.`,
      unit: 'percentunit',
      max: 1,
      steps: badAbove(limits.almostFull),
      queries: [
        {
          expr: most(
            8,
            DEVICE,
            promql`
            sum by (${DEVICE}) (tt_device_dram_allocated_bytes{${HOSTS}})
                / on (${DEVICE}) max by (${DEVICE}) (tt_dram_capacity_bytes{${HOSTS}})`,
          ),
          legend: '{{device}} of {{instance}}',
        },
      ],
    }),
    series({
      ...size,
      title: 'Chips by state',
      description: 'All that is not "ok" is a chip that nobody can use now. A reset takes up to a minute.',
      unit: 'none',
      decimals: 0,
      queries: [{ expr: `sum by (state) (tt_devices{${HOSTS}})`, legend: '{{state}}' }],
    }),
    series({
      ...size,
      title: 'Workloads',
      description: 'DRAM by pod, Slurm job, container or unit, the largest eight, over all hosts.',
      unit: 'bytes',
      stacked: true,
      queries: [
        {
          expr: most(
            8,
            'workload_kind, workload',
            `sum by (workload_kind, workload) (tt_workload_dram_allocated_bytes{${HOSTS}})`,
          ),
          legend: '{{workload_kind}} {{workload}}',
        },
      ],
    }),
  ];
}
