import type { FamilyGroup } from '../family.ts';

export interface GroupText {
  readonly group: FamilyGroup;
  readonly title: string;
  readonly intro: string;
}

/** The sections of the reference, in the catalogue's order. */
export const GROUP_TEXTS: readonly GroupText[] = [
  {
    group: 'memory',
    title: 'Device memory',
    intro:
      "A chip's totals and the parts of its processes are different families, so that `sum()` counts no byte twice. Each chip's numbers are from the one tracker that `tt_memory_tracker_info` names; two trackers are never added up.",
  },
  {
    group: 'allocation_server',
    title: 'Allocation server',
    intro:
      "`tt_allocation_server_up` and `tt_allocation_server_info` are there for any allocation server. The rest is from this project's own, `tt-allocation-server`: stock servers give totals only.",
  },
  {
    group: 'processes',
    title: 'Processes',
    intro:
      'Everything about a process is in `tt_process_info`; join it by `pid`: `tt_dram_allocated_bytes * on (instance, pid) group_left (comm, pod_name) tt_process_info`.',
  },
  {
    group: 'telemetry',
    title: 'Chips and telemetry',
    intro:
      "From the kernel driver's files alone: no device is opened. Remote chips (`0R` and the like) have no telemetry, because the driver sees functions on the PCI bus only. Everything about a chip is in `tt_device_info`; join it by `device`.",
  },
  {
    group: 'exporter',
    title: 'The exporter',
    intro:
      "Beside these there are `process_*` and `nodejs_*` of the process with the HTTP server, by prom-client's names. A partial answer is an answer: `tt_exporter_collector_success` says what is missing from it.",
  },
];
