import { DEVICE, HOST, promql } from '../../alerts/generator/promql.ts';
import { DRAM, DRAM_CAPACITY } from './fleet-memory.ts';
import type { Limits } from './parts/limits.ts';
import { stat } from './parts/panels.ts';
import type { PanelBuilder } from './parts/panels.ts';
import { HOSTS, orNone } from './parts/selectors.ts';
import { badAbove } from './parts/steps.ts';
import { percent } from './parts/text.ts';

/** Is anything wrong? */
export function fleetNumbers(limits: Limits): PanelBuilder[] {
  const size = { width: 4, height: 3 };
  return [
    stat({
      ...size,
      title: 'Hosts that answer',
      description: 'Exporters whose last scrape worked. The ones that did not are in "Hosts that do not answer".',
      unit: 'none',
      expr: `count(tt_exporter_build_info{${HOSTS}})`,
    }),
    stat({
      ...size,
      title: 'Hosts that do not answer',
      description: 'Targets of these jobs whose last scrape failed.',
      unit: 'none',
      expr: `count(up{${HOSTS}} == 0) or 0 * count(up{${HOSTS}})`,
      steps: badAbove(1),
    }),
    stat({
      ...size,
      title: 'Chips',
      description: 'Chips on PCIe that are well. Remote chips of an n300 are not in it.',
      unit: 'none',
      expr: `sum(tt_devices{${HOSTS}, state="ok"})`,
    }),
    stat({
      ...size,
      title: 'Chips that are not well',
      description:
        'Chips that are resetting, whose firmware is down, that cannot be reached, or that have no driver, and those that a host should have and has not.',
      unit: 'none',
      expr: promql`
        sum(tt_devices{${HOSTS}, state!="ok"})
          + (sum(clamp_min(tt_devices_expected{${HOSTS}} - on (${HOST}) sum by (${HOST}) (tt_devices{${HOSTS}}), 0)) or 0 * count(tt_exporter_build_info{${HOSTS}}))`,
      steps: badAbove(1),
    }),
    stat({
      ...size,
      title: 'DRAM allocated',
      description: 'Share of all DRAM of chips whose memory is known.',
      unit: 'percentunit',
      decimals: 1,
      expr: `sum(${DRAM}) / sum(${DRAM_CAPACITY})`,
      max: 1,
    }),
    stat({
      ...size,
      title: 'Orphaned memory',
      description: 'DRAM and L1 that are charged to processes which are proven gone. The Leaks dashboard says whose.',
      unit: 'bytes',
      expr: `sum(tt_dram_orphaned_bytes{${HOSTS}}) + (sum(tt_l1_orphaned_bytes{${HOSTS}, type=~"l1|l1_small"}) or 0 * count(tt_exporter_build_info{${HOSTS}}))`,
      steps: badAbove(1),
    }),
    stat({
      ...size,
      title: 'Chips at their limit',
      description: `Chips within ${limits.marginCelsius} °C of where their firmware throttles.`,
      unit: 'none',
      expr: orNone(promql`
        count(
          tt_device_temperature_celsius{${HOSTS}}
            > on (${DEVICE}, sensor) tt_device_temperature_limit_celsius{${HOSTS}} - ${limits.marginCelsius}
        )`),
      steps: badAbove(1),
    }),
    stat({
      ...size,
      title: 'Hottest chip',
      description: 'The highest temperature of an ASIC. A hung firmware leaves its last value.',
      unit: 'celsius',
      decimals: 1,
      expr: `max(tt_device_temperature_celsius{${HOSTS}})`,
    }),
    stat({
      ...size,
      title: 'Power of the cores',
      description: 'Sum over the ASIC cores: core voltage times current, not what the boards draw.',
      unit: 'watt',
      decimals: 2,
      expr: `sum(tt_device_power_watts{${HOSTS}})`,
    }),
    stat({
      ...size,
      title: 'Chips in use',
      description: 'Chips that a process has opened, whether its memory is tracked or not.',
      unit: 'none',
      expr: `count(tt_device_holders{${HOSTS}} > 0) or 0 * count(tt_device_holders{${HOSTS}})`,
    }),
    stat({
      ...size,
      title: 'Full chips',
      description: `Chips with more than ${percent(limits.almostFull)} of their DRAM allocated. Full and flat is how serving looks.`,
      unit: 'none',
      expr: orNone(promql`
        count(
          sum by (${DEVICE}) (tt_device_dram_allocated_bytes{${HOSTS}})
            > on (${DEVICE}) ${limits.almostFull} * max by (${DEVICE}) (tt_dram_capacity_bytes{${HOSTS}})
        )`),
      steps: badAbove(1),
    }),
    stat({
      ...size,
      title: 'In maintenance',
      description: 'Hosts whose maintenance file is there. Their alerts tell nobody.',
      unit: 'none',
      expr: orNone(`count(tt_maintenance{${HOSTS}} == 1)`),
    }),
  ];
}
